package httppush

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/overstay/overstay/events"
)

// Every status that a client can get, in the order of the stages.
func TestEachStageAnswers(t *testing.T) {
	full := fmt.Errorf("append to OVERSTAY_EVENTS: %w", ErrFull)
	away := errors.New("append to OVERSTAY_EVENTS: no server")
	many := make([]string, events.MaxBatch+1)
	for i := range many {
		many[i] = rotated(fmt.Sprint(i))
	}
	tests := []struct {
		name    string
		request request
		log     error
		status  int
		kind    string // heading of the problem in the docs
		header  [2]string
		errors  string // "index id field" of each entry
	}{
		{name: "one event", request: request{body: rotated("a")}, status: 202},
		{name: "a batch", request: request{media: mediaBatch, body: batchOf(rotated("a"), rotated("b"))}, status: 202},
		{name: "an empty batch", request: request{media: mediaBatch, body: "[]"}, status: 202},
		{name: "binary mode", request: request{media: mediaJSON, body: `{"credentialId":"db-root"}`, header: map[string]string{
			"Ce-Specversion": "1.0", "Ce-Type": "dev.overstay.credential.rotated", "Ce-Source": "vault://prod",
			"Ce-Id": "a", "Ce-Time": "2026-10-01T10:00:00Z"}}, status: 202},

		{name: "GET", request: request{method: "GET"}, status: 405, kind: "method-not-allowed", header: [2]string{"Allow", "POST"}},
		{name: "no bearer token", request: request{token: "Basic dmF1bHQ6eA==", body: rotated("a")}, status: 401,
			kind: "unauthenticated", header: [2]string{"WWW-Authenticate", `Bearer realm="overstay"`}},
		{name: "unknown token", request: request{token: "Bearer " + strings.Repeat("x", 30), body: rotated("a")}, status: 401,
			kind: "unauthenticated", header: [2]string{"WWW-Authenticate", `Bearer realm="overstay", error="invalid_token"`}},
		{name: "plain JSON without ce- headers", request: request{media: mediaJSON, body: "{}"}, status: 415,
			kind: "unsupported-media-type", header: [2]string{"Accept", "application/cloudevents+json, application/cloudevents-batch+json, application/json"}},
		{name: "another charset", request: request{media: mediaEvent + "; charset=latin1", body: rotated("a")}, status: 415, kind: "unsupported-media-type"},
		{name: "compressed", request: request{body: "x", header: map[string]string{"Content-Encoding": "gzip"}}, status: 415,
			kind: "unsupported-media-type", header: [2]string{"Accept-Encoding", "identity"}},
		{name: "one event too large", request: request{body: strings.Repeat(" ", events.MaxBody+1)}, status: 413, kind: "too-large"},
		{name: "a batch too large", request: request{media: mediaBatch, body: strings.Repeat(" ", events.MaxRequest+1)}, status: 413, kind: "too-large"},
		{name: "too many events", request: request{media: mediaBatch, body: batchOf(many...)}, status: 413, kind: "too-many-events"},
		{name: "not JSON", request: request{body: `{"id":`}, status: 400, kind: "malformed"},

		{name: "JSON with a name twice", request: request{body: `{"id":"a","id":"b"}`}, status: 400, kind: "malformed"},
		{name: "an attribute in two headers", request: request{media: mediaJSON, body: "{}", header: map[string]string{
			"Ce-Specversion": "1.0", "ce-id": "a", "CE-ID": "b"}}, status: 400, kind: "malformed"},

		{name: "the second of three is wrong twice", request: request{media: mediaBatch, body: batchOf(rotated("a"),
			`{"specversion":"1.0","id":"b","type":"dev.overstay.credential.rotated","source":"vault://prod","time":"1601-01-01T00:00:00Z","data":{}}`,
			rotated("c"))}, status: 422, kind: "invalid-event", errors: "1 b time, 1 b credentialId"},
		{name: "an unknown type", request: request{body: strings.Replace(rotated("a"), "rotated", "eaten", 1)}, status: 422,
			kind: "invalid-event", errors: "0 a /type"},
		{name: "a forged tick", request: request{body: `{"specversion":"1.0","id":"t","type":"dev.overstay.clock.tick","source":"vault://prod",` +
			`"time":"2026-10-01T10:00:00Z","data":{"wall":"2026-10-01T10:00:00Z","monotonic":"1s","boot":"b"}}`},
			status: 422, kind: "invalid-event", errors: "0 t type"},
		{name: "another's source", request: request{media: mediaBatch, body: batchOf(rotated("a"),
			strings.Replace(rotated("b"), "vault://prod", "vault://production", 1))}, status: 403,
			kind: "source-forbidden", errors: "1 b source"},

		{name: "the log is full", request: request{body: rotated("a")}, log: full, status: 503, kind: "log-unavailable", header: [2]string{"Retry-After", "5"}},
		{name: "the log is away", request: request{body: rotated("a")}, log: away, status: 503, kind: "log-unavailable", header: [2]string{"Retry-After", "5"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := &journal{err: tt.log}
			rec := tt.request.send(gateway(t, j))
			if rec.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", rec.Code, tt.status, rec.Body)
			}
			if name, want := tt.header[0], tt.header[1]; rec.Header().Get(name) != want {
				t.Errorf("%s: %q, want %q", name, rec.Header().Get(name), want)
			}
			if tt.status == http.StatusAccepted {
				return
			}
			if len(j.stored) != 0 {
				t.Errorf("%d events were stored", len(j.stored))
			}
			checkProblem(t, problemOf(t, rec), tt.status, tt.kind, tt.errors)
		})
	}
}

func checkProblem(t *testing.T, p Problem, status int, kind, errors string) {
	t.Helper()
	if p.Status != status || p.Type != docs+kind || p.Title == "" || p.Detail == "" {
		t.Errorf("problem %+v, want status %d and type %s", p, status, docs+kind)
	}
	if _, err := uuid.Parse(strings.TrimPrefix(p.Instance, "urn:uuid:")); err != nil {
		t.Errorf("instance %q: %v", p.Instance, err)
	}
	var got []string
	for _, e := range p.Errors {
		if e.Reason == "" {
			t.Errorf("no reason for %+v", e)
		}
		got = append(got, fmt.Sprintf("%d %s %s", e.Index, e.ID, e.Field))
	}
	if strings.Join(got, ", ") != errors {
		t.Errorf("errors %q, want %q", got, errors)
	}
}

// What is acknowledged is in the log, whole and in order.
func TestStoresInOrder(t *testing.T) {
	j := &journal{}
	rec := request{media: mediaBatch, body: batchOf(rotated("c"), rotated("a"), rotated("b"))}.send(gateway(t, j))
	if rec.Code != http.StatusAccepted || rec.Body.String() != "{\"stored\":3}\n" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	var ids string
	for _, ev := range j.stored {
		ids += ev.ID
	}
	if ids != "cab" || j.client != "vault" {
		t.Errorf("stored %q from %q", ids, j.client)
	}
}

func TestAnonymous(t *testing.T) {
	j := &journal{}
	g := gateway(t, j, func(o *Options) { o.Clients, o.Anonymous = nil, true })
	if rec := (request{token: "Bearer whatever", body: rotated("a")}).send(g); rec.Code != 202 || j.client != "anonymous" {
		t.Errorf("%d from %q: %s", rec.Code, j.client, rec.Body)
	}
}

// A trace that the event brings is kept; the request's fills the gap; what is
// not a traceparent is left out.
func TestTraceParent(t *testing.T) {
	const (
		own  = "00-11111111111111111111111111111111-2222222222222222-01"
		hop  = "00-33333333333333333333333333333333-4444444444444444-00"
		zero = "00-00000000000000000000000000000000-4444444444444444-00"
	)
	for _, tt := range []struct{ name, extension, header, want string }{
		{"both", own, hop, own},
		{"header only", "", hop, hop},
		{"neither", "", "", ""},
		{"garbage", "", "not a trace", ""},
		{"all zeros", "", zero, ""},
		{"capitals", "", strings.Replace(hop, "3333", "ABCD", 1), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := &journal{}
			ev := rotated("a")
			if tt.extension != "" {
				ev = rotated("a", fmt.Sprintf(`,"traceparent":%q`, tt.extension))
			}
			rec := request{body: ev, header: map[string]string{"Traceparent": tt.header}}.send(gateway(t, j))
			if rec.Code != 202 || j.stored[0].TraceParent != tt.want {
				t.Errorf("%d, traceparent %q, want %q", rec.Code, j.stored[0].TraceParent, tt.want)
			}
		})
	}
}

// Whatever happens, neither token nor body reaches the log or the answer.
func TestNoSecretsLeak(t *testing.T) {
	const secret = "s.hvs-secret-in-the-body"
	var log bytes.Buffer
	unknown := strings.Repeat("u", 40)
	for _, r := range []request{
		{body: strings.Replace(rotated("a"), "db-root", secret, 1)},
		{token: "Bearer " + unknown, body: secret},
		{body: secret},
		{media: mediaBatch, body: batchOf(rotated("a"), `{"data":"`+secret+`"}`)},
		{method: "PUT", body: secret},
	} {
		rec := r.send(gateway(t, &journal{}, logInto(&log)))
		log.WriteString(rec.Body.String())
	}
	for _, s := range []string{secret, unknown, tokenVault} {
		if strings.Contains(log.String(), s) {
			t.Errorf("%q is in the log or an answer:\n%s", s, log.String())
		}
	}
	if !strings.Contains(log.String(), "client=vault") {
		t.Errorf("the log does not say who:\n%s", log.String())
	}
}

func TestRefusesBadOptions(t *testing.T) {
	c := mustClient(t, "a", tokenVault, AnySource)
	for name, o := range map[string]Options{
		"no publisher":        {Anonymous: true},
		"nobody":              {Publisher: &journal{}},
		"everybody and some":  {Publisher: &journal{}, Anonymous: true, Clients: []Client{c}},
		"a client twice":      {Publisher: &journal{}, Clients: []Client{c, mustClient(t, "a", tokenAll, AnySource)}},
		"two with one secret": {Publisher: &journal{}, Clients: []Client{c, mustClient(t, "b", tokenVault, AnySource)}},
	} {
		if _, err := New(o); err == nil || strings.Contains(err.Error(), tokenVault) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestRefusesBadClients(t *testing.T) {
	for _, tt := range []struct {
		name, token string
		sources     []string
	}{
		{"", tokenVault, []string{"*"}},
		{"short", "0123456789", []string{"*"}},
		{"none", tokenVault, nil},
		{"empty", tokenVault, []string{""}},
	} {
		if _, err := NewClient(tt.name, tt.token, tt.sources); err == nil || strings.Contains(err.Error(), tt.token) {
			t.Errorf("client %q: error %v", tt.name, err)
		}
	}
}

func TestSpeaksFor(t *testing.T) {
	for _, tt := range []struct {
		allowed, source string
		want            bool
	}{
		{"vault://prod", "vault://prod", true},
		{"vault://prod", "vault://prod/node-1", true},
		{"vault://prod", "vault://production", false},
		{"vault://prod", "vault://prod:8200", false},
		{"vault://prod", "vault://pro", false},
		{"vault:", "vault://prod", true},
		{"vault://prod/", "vault://prod/node-1", true},
		{"vault://prod/", "vault://prod", false},
		{"*", "anything", true},
		{"vault://prod", "", false},
	} {
		c := mustClient(t, "c", tokenVault, tt.allowed)
		if got := c.speaksFor(tt.source); got != tt.want {
			t.Errorf("%q for %q: %v, want %v", tt.allowed, tt.source, got, tt.want)
		}
	}
}

// TestNothingComesFromTheFuture: an event whose time is further ahead than a
// forgotten time zone explains is refused, and one from long ago is not.
func TestNothingComesFromTheFuture(t *testing.T) {
	now := time.Date(2026, 10, 1, 10, 0, 0, 0, time.UTC)
	for at, status := range map[time.Time]int{
		now.AddDate(-30, 0, 0):          202,
		now:                             202,
		now.Add(MaxAhead):               202,
		now.Add(MaxAhead + time.Second): 422,
		time.Date(2199, 12, 31, 0, 0, 0, 0, time.UTC): 422,
	} {
		j := &journal{}
		g := gateway(t, j, func(o *Options) { o.Now = func() time.Time { return now } })
		body := strings.Replace(rotated("a"), `"time":"2026-10-01T10:00:00Z"`, `"time":"`+at.Format(time.RFC3339)+`"`, 1)
		if !strings.Contains(body, at.Format(time.RFC3339)) {
			t.Fatalf("the event has another time: %s", body)
		}
		rec := request{media: mediaEvent, body: body}.send(g)
		if rec.Code != status || (len(j.stored) == 1) != (status == 202) {
			t.Errorf("%s: %d with %d stored, want %d: %s", at, rec.Code, len(j.stored), status, rec.Body)
		}
	}
}
