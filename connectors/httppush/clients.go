package httppush

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/overstay/overstay/events"
)

// MinToken is the least length of a bearer token in bytes. Tokens are compared
// by an unsalted hash, which is sound for random tokens and for nothing shorter.
const MinToken = 24

// AnySource in a client's list lets it speak for every source.
const AnySource = "*"

// Client may post events, or read what came of them, or both.
type Client struct {
	name    string
	digest  [sha256.Size]byte
	sources []string
	reads   bool
}

// NewClient makes a client from its name, its bearer token, which is not kept,
// and the sources that it may speak for. An entry stands for the source of that
// URI and for those below it: "vault://prod" for "vault://prod/node-1" too, but
// not for "vault://production".
func NewClient(name, token string, sources []string) (Client, error) {
	return newClient(Client{name: name, sources: sources}, token)
}

// NewReader makes a client that may read what [Gateway.Reading] guards. It may speak for
// sources as well, or for none.
func NewReader(name, token string, sources []string) (Client, error) {
	return newClient(Client{name: name, sources: sources, reads: true}, token)
}

func newClient(c Client, token string) (Client, error) {
	name, sources := c.name, c.sources
	switch {
	case name == "":
		return Client{}, errors.New("httppush: a client has no name")
	case len(token) < MinToken:
		return Client{}, fmt.Errorf("httppush: the token of client %s has fewer than %d bytes", name, MinToken)
	case len(sources) == 0 && !c.reads:
		return Client{}, fmt.Errorf("httppush: client %s may speak for no source: list some, or %q", name, AnySource)
	}
	for _, s := range sources {
		if s == "" {
			return Client{}, fmt.Errorf("httppush: client %s has an empty source", name)
		}
	}
	c.digest = sha256.Sum256([]byte(token))
	return c, nil
}

// String is the name; a client never prints as more.
func (c Client) String() string { return c.name }

// speaksFor reports whether the client may emit events of a source.
func (c Client) speaksFor(source string) bool {
	for _, allowed := range c.sources {
		if allowed == AnySource || allowed == source {
			return true
		}
		rest, ok := strings.CutPrefix(source, allowed)
		// Only at a boundary of the URI: "vault://prod" is not "vault://production".
		if ok && (strings.ContainsAny(allowed[len(allowed)-1:], "/:?#") || strings.ContainsAny(rest[:1], "/?#")) {
			return true
		}
	}
	return false
}

// account is a client with how busy it is.
type account struct {
	Client
	*quota
}

// foreign lists the events that the client may not send.
func (a *account) foreign(items []events.Item) []EventError {
	var errs []EventError
	for _, it := range items {
		if !a.speaksFor(it.Event.Source) {
			errs = append(errs, EventError{
				Index: it.Index, ID: it.Event.ID, Field: "source",
				Reason: fmt.Sprintf("%q is not a source that %s may speak for", it.Event.Source, a.name),
			})
		}
	}
	return errs
}

// directory finds the account of a request.
type directory struct {
	accounts  []*account
	anonymous *account // nil where a token is needed
}

func newDirectory(o Options) (*directory, error) {
	if o.Anonymous {
		everybody := Client{name: "anonymous", sources: []string{AnySource}, reads: true}
		return &directory{anonymous: &account{everybody, newQuota(o)}}, nil
	}
	d := &directory{}
	names := map[string]bool{}
	digests := map[[sha256.Size]byte]string{}
	for _, c := range o.Clients {
		if names[c.name] {
			return nil, fmt.Errorf("httppush: client %q is listed twice", c.name)
		}
		if other, ok := digests[c.digest]; ok {
			return nil, fmt.Errorf("httppush: clients %s and %s have the same token", other, c.name)
		}
		names[c.name], digests[c.digest] = true, c.name
		d.accounts = append(d.accounts, &account{c, newQuota(o)})
	}
	return d, nil
}

const (
	challenge        = `Bearer realm="overstay"`
	challengeInvalid = challenge + `, error="invalid_token"`
)

// authenticate finds who sent the Authorization headers. It compares with every
// client, each in constant time, so that the time taken tells nothing.
func (d *directory) authenticate(headers []string) (*account, *Problem) {
	if d.anonymous != nil {
		return d.anonymous, nil
	}
	if len(headers) != 1 {
		return nil, unauthenticated(challenge, "Send one Authorization header with a bearer token.")
	}
	scheme, token, ok := strings.Cut(headers[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return nil, unauthenticated(challenge, "Send the token as \"Authorization: Bearer <token>\".")
	}
	sent := sha256.Sum256([]byte(token))
	var found *account
	for _, a := range d.accounts {
		if subtle.ConstantTimeCompare(sent[:], a.digest[:]) == 1 {
			found = a
		}
	}
	if found == nil {
		return nil, unauthenticated(challengeInvalid, "No client has this token.")
	}
	return found, nil
}
