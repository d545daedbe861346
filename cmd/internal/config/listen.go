package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"strings"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

func (l *loader) http() strictyaml.Reader {
	h := &l.config.HTTP
	return strictyaml.Object(strictyaml.Fields{
		"listen":         strictyaml.String(&h.Listen, address),
		"clients":        strictyaml.List(&h.Clients, l.client),
		"tls":            l.serverTLS(&h.TLS),
		"maxConnections": strictyaml.Int(&h.MaxConnections, 1, 65_536),
		"eventRate":      strictyaml.Int(&h.EventRate, 1, 1_000_000),
	}).Then(func(v strictyaml.Value) {
		h.checkClients(v)
		listen, stated := v.Key("listen")
		if stated && v.Lacks("clients") && !loopback(h.Listen) {
			listen.Report("list clients with tokens, or listen on 127.0.0.1", "%q is reached from other machines, and everybody there could post events and read who holds what", h.Listen)
		}
	})
}

func (l *loader) client(c *Client) strictyaml.Reader {
	return strictyaml.Object(strictyaml.Fields{
		"name":    strictyaml.String(&c.Name, name),
		"token":   l.secret(&c.Token, longEnough),
		"sources": strictyaml.Strings(&c.Sources),
		"reads":   strictyaml.Bool(&c.Reads),
	}).Then(func(v strictyaml.Value) {
		switch {
		case v.Lacks("name"):
			v.Report("", "has no name")
		case v.Lacks("token"):
			v.Report("add token: {file: …} or {env: …}", "has no token")
		case v.Lacks("sources") && !c.Reads:
			v.Report(`list the sources it may speak for, or ["*"], or let it read with reads: true`, "has no sources")
		}
	})
}

// checkClients: the name is how a client is told from another in the log.
func (h *HTTP) checkClients(v strictyaml.Value) {
	list, ok := v.Key("clients")
	if !ok {
		return
	}
	lines := map[string]int{}
	for i, at := range list.Elements() {
		if line, twice := lines[h.Clients[i].Name]; twice && h.Clients[i].Name != "" {
			at.Report("", "has the name of the client on line %d", line)
		}
		lines[h.Clients[i].Name] = at.Line()
	}
}

// serverTLS reads the certificate that a listener shows.
func (l *loader) serverTLS(t *TLS) strictyaml.Reader {
	return strictyaml.Object(strictyaml.Fields{
		"cert": l.certificate(&t.Cert),
		"key":  l.secretFile(&t.Key),
	}).IfSound(func(v strictyaml.Value) { t.checkPair(v) })
}

// clientTLS reads whom to trust, and the certificate to show, if any.
func (l *loader) clientTLS(t *TLS) strictyaml.Reader {
	return strictyaml.Object(strictyaml.Fields{
		"ca":   l.authority(&t.CA),
		"cert": l.certificate(&t.Cert),
		"key":  l.secretFile(&t.Key),
	}).IfSound(func(v strictyaml.Value) {
		if t.Cert != "" || t.Key != "" {
			t.checkPair(v)
		}
	})
}

func (t *TLS) checkPair(v strictyaml.Value) {
	if t.Cert == "" || t.Key == "" {
		v.Report("", "cert and key go together")
		return
	}
	if _, err := tls.LoadX509KeyPair(t.Cert, t.Key); err != nil {
		v.Report("", "cannot use %s with %s: %v", t.Cert, t.Key, pathless(err))
	}
}

const maxAuthority = 1 << 20

// authority reads the name of a file of PEM certificates to trust.
func (l *loader) authority(into *string) strictyaml.Reader {
	return l.path(into, notPEM).IfSound(func(v strictyaml.Value) {
		text, err := readFile(*into, maxAuthority)
		if err != nil {
			reportUnread(v, *into, err)
			return
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			v.Report("", "%s holds no PEM certificate", *into)
		}
	})
}

// certificate reads the name of a file with a certificate to show, and looks whether it
// is there: that its key is not must not hide it.
func (l *loader) certificate(into *string) strictyaml.Reader {
	return l.path(into, notPEM).IfSound(func(v strictyaml.Value) {
		if _, err := readFile(*into, maxAuthority); err != nil {
			reportUnread(v, *into, err)
		}
	})
}

// reportUnread says that a file of certificates cannot be read.
func reportUnread(v strictyaml.Value, path string, err error) {
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		hint = "put it there, in PEM, or name the file that has it"
	}
	v.Report(hint, "cannot read %s: %v", path, err)
}

// natsURLs checks a comma-separated list.
func natsURLs(s string) (message, hint string) {
	check := urlOf("a NATS server", "nats://nats-1:4222,nats://nats-2:4222", "nats", "tls", "ws", "wss")
	for one := range strings.SplitSeq(s, ",") {
		if message, hint := check(strings.TrimSpace(one)); message != "" {
			return message, hint
		}
	}
	return "", ""
}
