package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/overstay/overstay/cmd/internal/secret"
)

// access is how a client shows who it is, and whom it believes.
type access struct {
	tokenFile, tokenEnv string
	ca                  string
}

func (a *access) addFlags(f *pflag.FlagSet) {
	f.StringVar(&a.tokenFile, "token-file", "", "`file` with the bearer token")
	f.StringVar(&a.tokenEnv, "token-env", "", "`name` of the environment variable with the bearer token")
	f.StringVar(&a.ca, "ca", "", "PEM `file` of the certificates to trust, instead of the system's")
}

func (a *access) token() (secret.Secret, error) {
	return readSecret("token", a.tokenFile, a.tokenEnv)
}

// readSecret reads what a pair of flags refers to; neither gives no secret.
func readSecret(what, file, env string) (secret.Secret, error) {
	switch {
	case file != "" && env != "":
		return secret.Secret{}, usagef("give one of them", "--%s-file and --%s-env are both given", what, what)
	case file == "" && env == "":
		return secret.Secret{}, nil
	}
	return secret.Reference{File: file, Env: env}.Read()
}

// trust is nil where the system's own certificates do.
func (a *access) trust() (*tls.Config, error) {
	if a.ca == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(a.ca)
	if err != nil {
		return nil, fmt.Errorf("read the certificates to trust: %w", err)
	}
	c := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, failedf("", "%s holds no PEM certificate", a.ca)
	}
	return c, nil
}

// client speaks to the HTTP side of a server.
type client struct {
	base  *url.URL
	token secret.Secret
	http  *http.Client
}

// requestLimit bounds one request with its answer; the server itself gives up on
// the log after 10 s.
const requestLimit = 60 * time.Second

// open checks the address and reads the secrets. Nothing is connected yet.
func (a *access) open(base string) (*client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, usagef("write it as "+defaultHTTP, "the server's address is not an http or https URL")
	}
	if u.User != nil {
		return nil, usagef("use --token-file", "the server's address holds a password, which other users can see")
	}
	token, err := a.token()
	if err != nil {
		return nil, err
	}
	if !token.IsZero() && u.Scheme == "http" && !onThisMachine(u.Hostname()) {
		return nil, usagef("use https", "the token would go to %s in the clear", u.Host)
	}
	trust, err := a.trust()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = trust
	return &client{base: u, token: token, http: &http.Client{
		Transport: transport, Timeout: requestLimit,
		// A redirect would carry events, and perhaps the token, elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// maxAnswer bounds what a server may make us hold.
const maxAnswer = 16 << 20

// do sends one request. The error means that there was no whole answer.
func (c *client) do(ctx context.Context, method, path, contentType string, body io.Reader) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path).String(), body)
	if err != nil {
		return answer{}, fmt.Errorf("make a request to %s: %w", c.base.Host, err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
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
		return answer{}, err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	err = errors.Join(err, resp.Body.Close())
	a := answer{resp.StatusCode, resp.Header, text}
	if speaksTLS(c.base, a) {
		return answer{}, errSpeaksTLS // it has read no body, so that the connection may be reset
	}
	if err != nil {
		return answer{}, fmt.Errorf("read the answer: %w", err)
	}
	return a, nil
}

// notThere explains an error of do.
func (c *client) notThere(err error) error {
	return unreachablef(beliefHint(err, "is overstay serve running there?"), "cannot reach %s: %w", c.base.Redacted(), err)
}

// notOurs explains an answer that no working server of ours gives.
func (c *client) notOurs(a answer) error {
	if speaksTLS(c.base, a) {
		return c.notThere(errSpeaksTLS)
	}
	if a.status == http.StatusUnauthorized {
		return unreachablef("give a client's token with --token-file or --token-env", "%s asks for a token", c.base.Redacted())
	}
	return unreachablef("is that an overstay server?", "%s answers %d %s", c.base.Redacted(), a.status, http.StatusText(a.status))
}
