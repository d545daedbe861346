package cli

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// unbelieved is a server with TLS whose authority nobody knows, in front of h.
func unbelieved(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that shall fail
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// certificateFiles leaves a server's certificate and its key in files.
func certificateFiles(t *testing.T, c tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	for _, f := range []struct {
		path  string
		block pem.Block
	}{{cert, pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}}, {key, pem.Block{Type: "PRIVATE KEY", Bytes: der}}} {
		if err := os.WriteFile(f.path, pem.EncodeToMemory(&f.block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestWhoIsNotBelieved: where two sides disagree about TLS or about a certificate, it
// is not asked whether a server runs.
func TestWhoIsNotBelieved(t *testing.T) {
	asked := 0
	s := unbelieved(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; http.NotFound(w, nil) }))
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	nats, err := jetstream.Embed(t.Context(), jetstream.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0", TLS: s.TLS})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nats.Shutdown)
	bare, err := jetstream.Embed(t.Context(), jetstream.Options{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bare.Shutdown)

	ca, _ := certificateFiles(t, s.TLS.Certificates[0])
	elsewhere := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // which is not in the certificate
	events := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(events, []byte(plainEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	const authority, name = "name the authority with --ca FILE", "use a name in the certificate"
	for _, c := range []struct {
		hint string
		args []string
	}{
		{authority, []string{"status", "--server", s.URL}},
		{authority, []string{"emit", "--to", s.URL, events}},
		{authority, []string{"explain", "--server", s.URL, "--subject", "desk:alice", "--at", "2026-03-02T10:00:00Z"}},
		{authority, []string{"alerts", "--nats", nats.ClientURL()}},
		{authority, []string{"replay", nats.ClientURL()}},
		{name, []string{"status", "--ca", ca, "--server", elsewhere}},
		{name, []string{"alerts", "--ca", ca, "--nats", strings.Replace(nats.ClientURL(), "127.0.0.1", "localhost", 1)}},
		{"write https:// in place of http://", []string{"status", "--server", strings.Replace(s.URL, "https", "http", 1)}},
		{"write https:// in place of http://", []string{"emit", "--to", strings.Replace(s.URL, "https", "http", 1), events}},
		{"write https:// in place of http://", []string{"explain", "--server", strings.Replace(s.URL, "https", "http", 1), "--subject", "desk:alice", "--at", "2026-03-02T10:00:00Z"}},
		{"it speaks no TLS: write http:// in place of https://", []string{"status", "--server", strings.Replace(plain.URL, "http", "https", 1)}},
		{"it speaks no TLS: write nats:// in place of tls://", []string{"alerts", "--nats", strings.Replace(bare.ClientURL(), "nats://", "tls://", 1)}},
	} {
		var errs bytes.Buffer
		code := Run(t.Context(), c.args, Streams{In: strings.NewReader(""), Out: io.Discard, Err: &errs})
		if code != Unreachable || !strings.Contains(errs.String(), "\nhint: "+c.hint+"\n") {
			t.Errorf("%q: exit code %d\n%s", c.args, code, &errs)
		}
	}
	if asked != 0 {
		t.Errorf("%d requests came through", asked)
	}
	var errs bytes.Buffer
	if Run(t.Context(), []string{"status", "--ca", ca, "--server", s.URL}, Streams{Out: io.Discard, Err: &errs}); asked != 1 {
		t.Errorf("with the authority named it is not asked: %s", &errs)
	}
}

// TestTheBannerSaysWhatAClientNeeds: what serve tells to enter works as it stands, but
// for the names of the reader's own files.
func TestTheBannerSaysWhatAClientNeeds(t *testing.T) {
	s := unbelieved(t, http.NotFoundHandler())
	cert, key := certificateFiles(t, s.TLS.Certificates[0])
	e := endpoints{HTTP: "https://127.0.0.1:8443", NATS: "tls://127.0.0.1:4223"}
	secure := config.Default()
	secure.HTTP.TLS, secure.NATS.TLS = config.TLS{Cert: cert, Key: key}, config.TLS{Cert: cert, Key: key}
	secure.HTTP.Clients = []config.Client{{Name: "bastion"}}
	outside := config.Default()
	outside.NATS.URL, outside.NATS.TLS.CA = "tls://nats-1:4222", "/etc/overstay/ca.crt"
	for what, c := range map[string]struct {
		got, want []string
	}{
		"status": {[]string{httpNeeds(secure)}, []string{" --token-file FILE --ca FILE"}},
		"plain":  {[]string{httpNeeds(config.Default())}, []string{""}},
		"send": {sending(secure, e), []string{
			"overstay emit --to https://127.0.0.1:8443 --token-file FILE --ca FILE FILE",
			"curl -H \"Authorization: Bearer $TOKEN\" --cacert FILE -H 'Content-Type: application/cloudevents+json' -d @event.json https://127.0.0.1:8443/v1/events",
		}},
		"subscribe": {subscribing(secure, e), []string{
			"nats --server tls://127.0.0.1:4223 --tlsca FILE sub 'overstay.alerts.>'",
			"overstay alerts --follow --nats tls://127.0.0.1:4223 --ca FILE",
		}},
		"an existing NATS": {subscribing(outside, e), []string{
			"nats --server tls://127.0.0.1:4223 --user USER --password PASSWORD --tlsca /etc/overstay/ca.crt sub 'overstay.alerts.>'",
			"overstay alerts --follow --nats tls://127.0.0.1:4223 --user USER --password-file FILE --ca /etc/overstay/ca.crt",
		}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", what, fmt.Sprintf("%q", c.got), fmt.Sprintf("%q", c.want))
		}
	}
}

// TestAnAddressThatIsNone: it is the command line that is wrong, and nothing was tried.
func TestAnAddressThatIsNone(t *testing.T) {
	for _, address := range []string{"foo", "localhost:4222", "http://127.0.0.1:4222", "nats://127.0.0.1:1,foo", "nats://"} {
		var errs bytes.Buffer
		code := Run(t.Context(), []string{"alerts", "--nats", address}, Streams{Out: io.Discard, Err: &errs})
		if code != Usage || !strings.Contains(errs.String(), "hint: write it as nats://127.0.0.1:4222\n") {
			t.Errorf("%s: exit code %d\n%s", address, code, &errs)
		}
	}
}
