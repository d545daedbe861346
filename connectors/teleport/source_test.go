package teleport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/connectortest"
	"github.com/overstay/overstay/events"
)

// TestConformance: testdata/audit.jsonl has all the stories' records in one log.
func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Suite{
		New: func(t *testing.T, log *slog.Logger) connectors.Source {
			t.Helper()
			s, err := New(Config{Name: "prod", Paths: []string{"testdata/audit.jsonl"}, Batch: 3}, log)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Secrets: []string{"hunter2", "s3cr3t"},
	})
}

// ledger is an output that keeps what it is given.
type ledger struct {
	said   []events.Event
	skips  []string
	cursor connectors.Cursor
	onEmit func([]events.Event)
	waits  string // for what, now
}

func (l *ledger) Emit(_ context.Context, evs []events.Event, next connectors.Cursor) error {
	l.said, l.cursor = append(l.said, evs...), next
	if l.onEmit != nil {
		l.onEmit(evs)
	}
	return nil
}

func (l *ledger) Skip(reason, place string, err error) {
	row := reason + " " + place
	if err != nil {
		row += ": " + err.Error()
	}
	l.skips = append(l.skips, row)
}

func (l *ledger) Waiting(reason error) {
	l.waits = ""
	if reason != nil {
		l.waits = reason.Error()
	}
}

func (l *ledger) of(t events.Type) []events.Event {
	var out []events.Event
	for _, ev := range l.said {
		if ev.Type == t {
			out = append(out, ev)
		}
	}
	return out
}

var quietLog = slog.New(slog.NewTextHandler(io.Discard, nil))

const (
	start = `{"event":"session.start","uid":"a","time":"2026-03-02T10:00:00Z","cluster_name":"tele.example.com","user":"alice","sid":"s","server_hostname":"web-1"}` + "\n"
	end   = `{"event":"session.end","uid":"b","time":"2026-03-02T10:05:00Z","cluster_name":"tele.example.com","user":"alice","sid":"s"}` + "\n"
)

func logFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReadsAFileToItsEnd: coverage begins with the first record, and the last one
// is how far the source vouches.
func TestReadsAFileToItsEnd(t *testing.T) {
	s, err := New(Config{Paths: []string{logFile(t, start+"{broken\n"+end)}}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	if s.URI() != "teleport://tele.example.com" {
		t.Errorf("URI %q is not the log's own cluster", s.URI())
	}
	var out ledger
	if err := s.Run(t.Context(), nil, &out); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, ev := range out.said {
		kinds = append(kinds, ev.Type.Short())
	}
	if got := strings.Join(kinds, " "); got != "source.resumed session.started session.ended source.progress" {
		t.Errorf("said %s", got)
	}
	resumed := out.of(events.SourceResumed)[0].Data.(*events.Resumed)
	if want := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC); !resumed.Coverage.Equal(want) {
		t.Errorf("coverage from %s instead of %s", resumed.Coverage, want)
	}
	if resumed.Capabilities.Progress {
		t.Error("a finite file owes progress")
	}
	progress := out.of(events.SourceProgress)[0].Data.(*events.Progress)
	if want := time.Date(2026, 3, 2, 10, 5, 0, 0, time.UTC); !progress.Through.Equal(want) {
		t.Errorf("vouches through %s instead of %s", progress.Through, want)
	}
	if len(out.skips) != 1 || !strings.HasPrefix(out.skips[0], "unreadable ") || !strings.Contains(out.skips[0], "events.log:2: ") {
		t.Errorf("skips: %q", out.skips)
	}
}

// TestFollowsAndVouches: while nobody writes, the clock of the last look is how
// far the source vouches, once a second.
func TestFollowsAndVouches(t *testing.T) {
	path := logFile(t, start)
	now := time.Date(2026, 3, 2, 10, 1, 0, 0, time.UTC)
	ctx, stop := context.WithCancel(t.Context())
	polls := 0
	s, err := New(Config{
		Name: "prod", Paths: []string{path}, Follow: true,
		Now: func() time.Time { return now },
		Wait: func(ctx context.Context, d time.Duration) error {
			if polls++; polls == 10 {
				f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
				if err != nil {
					return err
				}
				if _, err := f.WriteString(end); err != nil {
					return err
				}
				if err := f.Close(); err != nil {
					return err
				}
			}
			now = now.Add(d)
			return ctx.Err()
		},
	}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	var out ledger
	out.onEmit = func(evs []events.Event) {
		if len(out.of(events.SessionEnded)) > 0 && len(out.of(events.SourceProgress)) >= 3 {
			stop()
		}
	}
	if err := s.Run(ctx, nil, &out); !errors.Is(err, context.Canceled) {
		t.Fatalf("Run gave %v", err)
	}
	var before time.Time
	for _, ev := range out.of(events.SourceProgress) {
		through := ev.Data.(*events.Progress).Through
		if through.After(ev.Time) {
			t.Errorf("at %s it vouches for the future, through %s", ev.Time, through)
		}
		if through.Sub(before) < time.Second {
			t.Errorf("progress through %s only %s after the one before", through, through.Sub(before))
		}
		before = through
	}
	resumed := out.of(events.SourceResumed)
	if len(resumed) != 1 || !resumed[0].Data.(*events.Resumed).Capabilities.Progress {
		t.Errorf("resumed: %+v", resumed)
	}
}

// TestRequesterSurvivesARestart: the request is made before the restart and
// granted after it.
func TestRequesterSurvivesARestart(t *testing.T) {
	path := logFile(t, `{"event":"access_request.create","uid":"a","time":"2026-03-02T10:00:00Z","cluster_name":"c","user":"alice","id":"r","state":"PENDING","roles":["x"]}`+"\n")
	s, err := New(Config{Name: "prod", Paths: []string{path}}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	var before ledger
	if err := s.Run(t.Context(), nil, &before); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(`{"event":"access_request.update","uid":"b","time":"2026-03-02T10:01:00Z","cluster_name":"c","id":"r","state":"APPROVED","updated_by":"bob"}` + "\n"); err != nil {
		t.Fatal(err)
	}
	var after ledger
	if err := s.Run(t.Context(), before.cursor, &after); err != nil {
		t.Fatal(err)
	}
	granted := after.of(events.ApprovalGranted)
	if len(granted) != 1 || granted[0].Subject != "teleport/prod/user:alice" {
		t.Errorf("granted: %+v", granted)
	}
	if got := after.of(events.SourceResumed)[0].Data.(*events.Resumed).Coverage; got.Minute() != 0 {
		t.Errorf("coverage moved to %s with the restart", got)
	}
}

func TestRefusesAConfigurationThatCannotWork(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no file":                 {Name: "prod"},
		"a name with spaces":      {Name: "my cluster", Paths: []string{"x"}},
		"a bad name of a cluster": {Name: "prod", Paths: []string{"x"}, Clusters: map[string]string{"leaf": "A/B"}},
		"no name and no file":     {Paths: []string{filepath.Join(t.TempDir(), "none")}},
		"no name in the file":     {Paths: []string{logFile(t, "{}\n")}},
	} {
		if _, err := New(cfg, quietLog); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestRefusesADamagedCursor: going on with half a memory would say wrong things.
func TestRefusesADamagedCursor(t *testing.T) {
	s, err := New(Config{Name: "prod", Paths: []string{logFile(t, start)}}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{`{`, `{"log":[],"held":"AAAA"}`, `{"log":[],"held":"bm90IGpzb24="}`, `[]`} {
		var out ledger
		if err := s.Run(t.Context(), connectors.Cursor(damaged), &out); err == nil || len(out.said) > 0 {
			t.Errorf("cursor %s gave %v and %d events", damaged, err, len(out.said))
		}
	}
}
