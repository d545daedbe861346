package demo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/repotest"
	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

var update = flag.Bool("update", false, "write what the demo prints as what is expected")

// TestGolden: the whole output, without colour, is the same in every run.
func TestGolden(t *testing.T) {
	const golden = "testdata/demo.golden"
	got := run(t, Options{})
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the demo says something else than %s:\n%s", golden, got)
	}
	if coloured := sgr.ReplaceAll(run(t, Options{Colour: true}), nil); !bytes.Equal(coloured, got) {
		t.Errorf("in colour it says something else:\n%s", coloured)
	}
	for line := range strings.Lines(string(got)) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func run(t *testing.T, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Run(context.Background(), &out, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// collector keeps what is published.
type collector struct {
	silence
	told []eventlog.Message
}

func (c *collector) publication(_ time.Time, m eventlog.Message) error {
	c.told = append(c.told, m)
	return nil
}

// TestAlertsAreOCSF checks every alert of the demo against OCSF's own schema.
func TestAlertsAreOCSF(t *testing.T) {
	ocsf := repotest.NewOCSF(t)
	var all collector
	if err := play(context.Background(), "test", &all, func(string, *recording) error { return nil }); err != nil {
		t.Fatal(err)
	}
	alerts := 0
	for _, m := range all.told {
		if !strings.HasPrefix(m.Subject, "overstay.alerts.") {
			continue
		}
		alerts++
		ocsf.Check(t, m.Body)
	}
	if alerts != 6 {
		t.Errorf("%d revisions of alerts, not 6", alerts)
	}
}

// TestFixturesAreRead: the connectors understand every line. Carol's revocation
// names its lease by a hash only, as Vault's own command line does; the connector
// counts it as unmatched before the server log tells which one it was.
func TestFixturesAreRead(t *testing.T) {
	start, err := clockTime(beginning)
	if err != nil {
		t.Fatal(err)
	}
	ctx, gone := context.WithCancelCause(context.Background())
	defer gone(nil)
	s, err := openStage(ctx, gone, t.TempDir(), "test", start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := tell(ctx, s, start, silence{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.app.Status(ctx).Connector {
		for reason, n := range c.Skipped {
			if reason != connectors.SkipNotAccess && (reason != "unmatched" || n != 1) {
				t.Errorf("%s passed over %d records (%s): %s", c.URI, n, reason, c.LastSkip)
			}
		}
		if c.LastError != "" || len(c.Events) == 0 {
			t.Errorf("%s said %v, error %q", c.URI, c.Events, c.LastError)
		}
	}
	for name, f := range s.logs {
		if f.written != len(f.lines) {
			t.Errorf("%s: %d of %d lines were played", name, f.written, len(f.lines))
		}
	}
}

// TestKeep: what is left can be used, and nothing is overwritten.
func TestKeep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	now := time.Date(2031, 7, 8, 12, 0, 0, 0, time.UTC)
	o := Options{Keep: dir, Now: func() time.Time { return now }}
	run(t, o)
	if _, err := config.Load(filepath.Join(dir, serveFile)); err != nil {
		t.Errorf("the kept configuration: %v", err)
	}
	evs := readEvents(t, filepath.Join(dir, eventsFile))
	for _, ev := range evs {
		if age := now.Sub(ev.Time); age < 0 || age > 2*time.Hour {
			t.Errorf("%s is %s old", ev.ID, age)
		}
		if a, ok := ev.Data.(*events.Approval); ok && ev.Type == events.ApprovalGranted && !a.Window.End.Before(now) {
			t.Errorf("the window of %s ends at %s", a.ApprovalID, a.Window.End)
		}
	}
	late := readEvents(t, filepath.Join(dir, lateFile))
	if len(evs) == 0 || len(late) != 1 || late[0].Type != events.SessionEnded {
		t.Errorf("%d events, and %d late ones: %v", len(evs), len(late), late)
	}
	var out bytes.Buffer
	if err := Run(context.Background(), &out, o); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("into the same folder again: %v", err)
	}

	var emitted bytes.Buffer
	if err := EmitEvents(context.Background(), &emitted, o); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(filepath.Join(dir, eventsFile)); err != nil || !bytes.Equal(kept, emitted.Bytes()) {
		t.Errorf("the emitted events are others than the kept ones (%v)", err)
	}
}

func readEvents(t *testing.T, path string) (evs []events.Event) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, events.MaxBody)
	for in.Scan() {
		ev, err := events.Decode(in.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if ev.Type.Class() == "source" || !ev.Sequence.IsZero() {
			t.Errorf("%s: %s promises something", path, ev.ID)
		}
		evs = append(evs, ev)
	}
	return evs
}

// TestStop: a person who has seen enough is not kept waiting, and nothing is left.
func TestStop(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	err := Run(ctx, stopper{cancel}, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// stopper cancels at the first line of the story.
type stopper struct{ cancel context.CancelFunc }

func (s stopper) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("Teleport  ")) {
		s.cancel()
	}
	return len(p), nil
}

// broken refuses what is written to it.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestNobodyListens(t *testing.T) {
	if err := Run(context.Background(), broken{}, Options{}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("an output that takes nothing: %v", err)
	}
}
