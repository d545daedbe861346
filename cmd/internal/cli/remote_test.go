package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/cmd/internal/api"
	"github.com/overstay/overstay/cmd/internal/cli"
	"github.com/overstay/overstay/connectors/cefile"
	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
)

const overrunEvents = `{"specversion":"1.0","type":"dev.overstay.approval.granted","source":"desk://prod","id":"g","subject":"desk:alice","time":"2026-03-02T09:00:00Z","data":{"approvalId":"CHG-1","requester":"desk:alice","scopes":[{"system":"db/prod","role":"dba"}],"window":{"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","endKind":"at"},"decidedAt":"2026-03-02T09:00:00Z"}}
{"specversion":"1.0","type":"dev.overstay.lease.issued","source":"vault://prod","id":"i","subject":"desk:alice","time":"2026-03-02T09:05:00Z","data":{"leaseId":"lease-1","scope":{"system":"db/prod","role":"dba"},"credential":"dynamic","expiry":{"kind":"unknown"}}}
{"specversion":"1.0","type":"dev.overstay.access.used","source":"vault://prod","id":"u","subject":"desk:alice","time":"2026-03-02T10:04:00Z","data":{"access":{"kind":"lease","id":"lease-1"}}}
{"specversion":"1.0","type":"dev.overstay.lease.expired","source":"vault://prod","id":"x","subject":"desk:alice","time":"2026-03-02T10:05:00Z","data":{"leaseId":"lease-1"}}
`

// answering is a server whose log is a file of events.
func answering(t *testing.T, path string) *httptest.Server {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var said []events.Event
	err = cefile.Reader{Name: path}.Read(t.Context(), file, func(_ string, ev events.Event, err error) error {
		said = append(said, ev)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := review.NewColdLog(said)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	api.New(api.Options{
		Look: func(func(*correlator.View, store.Position)) error { return os.ErrNotExist },
		Past: func(context.Context) (*review.Source, error) {
			return &review.Source{Name: "there", Log: log, Label: review.Label{Strength: review.Cold, Reason: "the order and the passing of time are made from the times in the events"},
				Compile: func(text string) (*correlator.Policy, error) { return policy.Load("policy", []byte(text)) }}, nil
		},
	}).Register(mux, func(h http.Handler) http.Handler { return h })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func run(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// TestAServerAnswersAsASourceDoes: a command prints the same whether it reads the log
// here or has the server that holds it answer.
func TestAServerAnswersAsASourceDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte(overrunEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	server := answering(t, path)
	_, told, _ := run(t, "replay", path, "--json")
	_, rest, _ := strings.Cut(told, `"correlationid":"`)
	alert, _, _ := strings.Cut(rest, `"`)
	if len(alert) != 32 {
		t.Fatalf("no alert is told: %s", told)
	}
	const at = "2026-03-02T10:03:00Z"
	for _, question := range [][]string{
		{"explain", alert[:8]},
		{"explain", alert, "--facts-only", "--json"},
		{"explain", "--subject", "desk:alice", "--at", at},
		{"asof", "--at", at, "--scope", "db/prod as dba"},
		{"asof", "--at", at, "--known-at", "2026-03-02T09:30:00Z", "--json"},
		{"who-acted", "--from", "2026-03-02T10:00:00Z", "--subject", "desk:alice"},
		{"timeline", "--subject", "desk:alice"},
		{"timeline", "--approval", "CHG-1", "--format", "json", "--to", at},
		{"report", "--table", "approvals", "--to", at},
		{"report", "--table", "exceptions"},
	} {
		here, there := slices.Clone(question), append(slices.Clone(question), "--server", server.URL)
		if question[0] == "explain" && !slices.Contains(question, "--subject") {
			here = slices.Insert(here, 2, path)
		} else {
			here = slices.Insert(here, 1, path)
		}
		code, want, errs := run(t, here...)
		if code != cli.Done || want == "" {
			t.Fatalf("%q: exit %d: %s", here, code, errs)
		}
		if code, got, errs := run(t, there...); code != cli.Done || got != want {
			t.Errorf("%q: exit %d %s\n%s\nand here\n%s", there, code, errs, got, want)
		}
	}
}

// TestWhatAServerRefuses comes as an exit code with what to do about it.
func TestWhatAServerRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte(overrunEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	server := answering(t, path)
	lenient := filepath.Join(filepath.Dir(path), "lenient.yaml")
	if err := os.WriteFile(lenient, []byte("grace: {lease: 10m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"detail":"Another one."}`))
	}))
	t.Cleanup(busy.Close)
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>"))
	}))
	t.Cleanup(stranger.Close)
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"timeline", "--subject", "alice", "--server", server.URL}, cli.Failed, "did you mean desk:alice?"},
		{[]string{"explain", "nothing", "--server", server.URL}, cli.Failed, `There is no alert "nothing"`},
		{[]string{"timeline", "--subject", "x", "--server", busy.URL}, cli.Unreachable, "ask again in 7 s"},
		{[]string{"timeline", "--subject", "x", "--server", stranger.URL}, cli.Unreachable, "is that an overstay server"},
		{[]string{"timeline", "--subject", "x", "--server", "http://127.0.0.1:1"}, cli.Unreachable, "cannot reach"},
		{[]string{"timeline", "--subject", "x", "--server", "nats://x"}, cli.Usage, "is not an http or https URL"},
		{[]string{"timeline", path, "--subject", "x", "--server", server.URL}, cli.Usage, "are both given"},
		{[]string{"timeline", "--subject", "x", "--from", "7", "--server", server.URL}, cli.Usage, "is a position"},
		{[]string{"report", "--from", "7", "--server", server.URL}, cli.Usage, "is a position"},
		{[]string{"report", "--known-at", "2026-03-02T10:03:00Z", "--server", server.URL}, cli.Usage, "--known-at is for a SOURCE"},
		{[]string{"asof", "--at", "2026-03-02T10:03:00Z", "--policy", lenient, "--server", server.URL}, cli.Usage, "--policy is for a SOURCE"},
		{[]string{"asof", "--at", "2026-03-02T10:03:00Z", "--salvage", "--server", server.URL}, cli.Usage, "is for an archive"},
	} {
		if code, out, errs := run(t, tt.args...); code != tt.code || !strings.Contains(errs, tt.want) || out != "" {
			t.Errorf("%q: exit %d %s%s", tt.args, code, out, errs)
		}
	}
}
