package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/overstay/overstay/cmd/internal/api"
	"github.com/overstay/overstay/correlator"
)

// question is what a review command asks, in the words of a server's API.
type question struct {
	path   string
	params map[string]string // what is "" is left out
}

// values are the parameters that are given.
func (q question) values() url.Values {
	v := url.Values{}
	for name, value := range q.params {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// asMoment is a time as the API reads it, "" for none.
func asMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

const (
	// answerLimit bounds the wait for a server that plays its log; it gives up by
	// itself before.
	answerLimit = 12 * time.Minute
	// maxLookBack bounds what it may make us hold.
	maxLookBack = 256 << 20
)

// remotely has the server that was named answer, and reports whether one was: else the
// SOURCE is to be read here. answer is what the same question is answered with here.
func (f *sourceFlags) remotely(ctx context.Context, name, policy string, q question, answer any) (bool, error) {
	switch {
	case f.server == "":
		return false, nil
	case name != "":
		return true, usagef("give one of them", "--server and the SOURCE %q are both given", harmless(name, ""))
	case policy != "":
		return true, usagef("export the log, and look back on the archive", "--policy is for a SOURCE, and --server is given")
	case f.salvage:
		return true, usagef("--salvage is for an archive", "--server and --salvage are both given")
	}
	c, err := f.access.access.open(f.server)
	if err != nil {
		return true, err
	}
	c.http.Timeout = answerLimit
	return true, c.ask(ctx, q, answer)
}

// ask asks a question and reads the answer.
func (c *client) ask(ctx context.Context, q question, answer any) error {
	u := c.base.JoinPath(q.path)
	u.RawQuery = q.values().Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("make a request to %s: %w", c.base.Host, err)
	}
	if !c.token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var where *url.Error
		if errors.As(err, &where) {
			err = where.Err // the message has the address already
		}
		return c.notThere(err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxLookBack+1))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return c.notThere(fmt.Errorf("read the answer: %w", err))
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return c.refusal(resp, body)
	case len(body) > maxLookBack:
		return failedf("ask for less, or export the log and look back on the archive", "the answer of %s has more than %d MiB", c.base.Redacted(), maxLookBack>>20)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return unreachablef("is that an overstay server of this version?", "read the answer of %s: %w", c.base.Redacted(), err)
	}
	return nil
}

// refusal explains why a server does not answer.
func (c *client) refusal(resp *http.Response, body []byte) error {
	var p api.Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Detail == "" {
		return c.notOurs(answer{resp.StatusCode, resp.Header, body})
	}
	says := fmt.Errorf("%s: %s", c.base.Redacted(), harmless(strings.TrimSuffix(p.Detail, "."), ""))
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		return c.notOurs(answer{resp.StatusCode, resp.Header, body})
	case http.StatusForbidden:
		return unreachablef("its configuration lets a client read with reads: true", "%w", says)
	case http.StatusBadRequest:
		return usagef("", "%w", says)
	case http.StatusTooManyRequests:
		return unreachablef("ask again in "+harmless(resp.Header.Get("Retry-After"), "")+" s", "%w", says)
	case http.StatusNotFound:
		// "There is no subject …": the API says what by its words alone.
		what, _, _ := strings.Cut(strings.TrimPrefix(p.Detail, "There is no "), " ")
		return failedf(namingHint(what, p.Near), "%w", says)
	}
	return failedf("", "%w", says)
}

// about puts a scope among the parameters.
func (q question) about(p correlator.ScopePattern) question {
	q.params["system"], q.params["resource"], q.params["role"] = p.System, p.Resource, p.Role
	return q
}
