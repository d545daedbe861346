package httppush

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// The tokens of the tests' clients.
const (
	tokenVault = "vault-token-0123456789abcdef"
	tokenAll   = "all-token-0123456789abcdefgh"
)

// journal is a log that remembers what it acknowledged.
type journal struct {
	mu     sync.Mutex
	stored []events.Event
	client string
	err    error
	wait   chan struct{} // when set, Publish waits for it or for the context
	called chan struct{} // when set, told of each call
}

func (j *journal) Publish(ctx context.Context, client string, evs []events.Event) error {
	if j.called != nil {
		j.called <- struct{}{}
	}
	if j.wait != nil {
		select {
		case <-j.wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	j.client, j.stored = client, append(j.stored, evs...)
	return nil
}

func mustClient(t testing.TB, name, token string, sources ...string) Client {
	t.Helper()
	c, err := NewClient(name, token, sources)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// gateway makes one with two clients: vault may speak for vault://prod, and
// relay for everything.
func gateway(t testing.TB, j *journal, change ...func(*Options)) *Gateway {
	t.Helper()
	o := Options{
		Publisher: j,
		// The events here are of October 2026; a bubble's clock begins in 2000.
		Now: func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) },
		Clients: []Client{
			mustClient(t, "vault", tokenVault, "vault://prod"),
			mustClient(t, "relay", tokenAll, AnySource),
		},
	}
	for _, c := range change {
		c(&o)
	}
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// rotated is a valid event in structured JSON.
func rotated(id string, more ...string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"dev.overstay.credential.rotated","source":"vault://prod",`+
		`"id":%q,"time":"2026-10-01T10:00:00Z","datacontenttype":"application/json"%s,"data":{"credentialId":"db-root"}}`,
		id, strings.Join(more, ""))
}

func batchOf(evs ...string) string { return "[" + strings.Join(evs, ",") + "]" }

type request struct {
	method string // POST
	token  string // tokenVault
	media  string // mediaEvent
	header map[string]string
	body   string
}

func (r request) send(h http.Handler) *httptest.ResponseRecorder {
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.token == "" {
		r.token = "Bearer " + tokenVault
	}
	if r.media == "" {
		r.media = mediaEvent
	}
	req := httptest.NewRequest(r.method, Path, strings.NewReader(r.body))
	req.Header.Set("Content-Type", r.media)
	req.Header.Set("Authorization", r.token)
	for name, value := range r.header {
		req.Header[name] = []string{value} // as it is, in whatever case
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}

func problemOf(t testing.TB, rec *httptest.ResponseRecorder) Problem {
	t.Helper()
	if got := rec.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type %q, want a problem: %s", got, rec.Body)
	}
	var p Problem
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
		t.Fatalf("problem %s: %v", rec.Body, err)
	}
	return p
}

// logInto writes the gateway's log to w at every level.
func logInto(w io.Writer) func(*Options) {
	return func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
}
