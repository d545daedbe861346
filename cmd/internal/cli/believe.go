package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
)

// errSpeaksTLS means that a server answered in plain text that it wants TLS.
var errSpeaksTLS = errors.New("it speaks TLS, and was asked without")

// plainToTLS is what net/http answers a client that speaks no TLS to a listener that
// does (http.Server.serve in Go's source).
const plainToTLS = "Client sent an HTTP request to an HTTPS server."

func speaksTLS(base *url.URL, a answer) bool {
	return base.Scheme == "http" && a.status == http.StatusBadRequest && strings.Contains(string(a.body), plainToTLS)
}

// beliefHint says what to do where two sides do not agree on TLS, or one does not
// believe the other's certificate; otherwise where the error is about something else.
func beliefHint(err error, otherwise string) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return "name the authority with --ca FILE"
	case errors.As(err, &name):
		return "use a name in the certificate"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server needs a new certificate, or a clock here or there is wrong"
	case errors.Is(err, errSpeaksTLS):
		return "write https:// in place of http://"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks no TLS: write http:// in place of https://"
	case errors.Is(err, nats.ErrSecureConnWanted):
		return "it speaks no TLS: write nats:// in place of tls://"
	}
	return otherwise
}

// needsAuthority reports whether a client has to be told whom to trust before it
// believes a listener's certificate: the authorities of this machine do not know it.
func needsAuthority(cert, key string) bool {
	if cert == "" {
		return false
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return true // it was replaced since: whether it is known cannot be told
	}
	rest := x509.NewCertPool()
	for _, der := range pair.Certificate[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			rest.AddCert(c)
		}
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Intermediates: rest})
	return err != nil
}

// natsAddresses reports whether a list of addresses, as NATS takes it, is one: each with
// one of its schemes and a host.
func natsAddresses(urls string) bool {
	for part := range strings.SplitSeq(urls, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil || u.Host == "" || !slices.Contains(natsSchemes(), u.Scheme) {
			return false
		}
	}
	return true
}

func natsSchemes() []string { return []string{"nats", "tls", "ws", "wss"} }
