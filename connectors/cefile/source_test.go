package cefile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/connectortest"
	"github.com/overstay/overstay/events"
)

func TestConformance(t *testing.T) {
	packed := filepath.Join(t.TempDir(), "more.jsonl.zst")
	write(t, packed, zstded(t, bytes.ReplaceAll(fixture(t), []byte(`"id":"`), []byte(`"id":"more-`))))
	connectortest.Run(t, connectortest.Suite{
		New: func(t *testing.T, log *slog.Logger) connectors.Source {
			t.Helper()
			s, err := New(Config{Name: "import", Paths: []string{"testdata/events.jsonl", packed}, Batch: 1}, log)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Secrets:   []string{"s3cr3t"},
		AnySource: true,
	})
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ledger is an output that keeps what it is given.
type ledger struct {
	ids    []string
	skips  []string
	cursor connectors.Cursor
	waits  string // for what, now
}

func (l *ledger) Emit(_ context.Context, evs []events.Event, next connectors.Cursor) error {
	for _, ev := range evs {
		l.ids = append(l.ids, ev.Source+" "+ev.ID)
	}
	l.cursor = next
	return nil
}

func (l *ledger) Skip(reason, place string, _ error) {
	l.skips = append(l.skips, reason+" "+filepath.Base(place))
}

func (l *ledger) Waiting(reason error) {
	l.waits = ""
	if reason != nil {
		l.waits = reason.Error()
	}
}

var quietLog = slog.New(slog.NewTextHandler(io.Discard, nil))

func run(t *testing.T, cfg Config, from connectors.Cursor) *ledger {
	t.Helper()
	s, err := New(cfg, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	var out ledger
	if err := s.Run(t.Context(), from, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

// TestEventsKeepTheirSources: they are passed on as they are, except what may not
// come from outside.
func TestEventsKeepTheirSources(t *testing.T) {
	out := run(t, Config{Name: "import", Paths: []string{Stdin}, Stdin: bytes.NewReader(fixture(t))}, nil)
	if want := []string{"desk://prod 1", "bastion://prod 2", "bastion://prod 6"}; !slices.Equal(out.ids, want) {
		t.Errorf("said %q", out.ids)
	}
	want := []string{"bad-attribute -:4", "bad-json -:5", "forbidden-type -:6", "unknown-type -:7"}
	if !slices.Equal(out.skips, want) {
		t.Errorf("skipped %q", out.skips)
	}
}

// TestAppendedLinesAreReadFromTheCursor: only they are, while a file that is another one now is
// read from its beginning.
func TestAppendedLinesAreReadFromTheCursor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	lines := strings.SplitAfter(string(fixture(t)), "\n")
	cfg := Config{Name: "import", Paths: []string{path}}
	write(t, path, []byte(lines[0]))
	first := run(t, cfg, nil)

	write(t, path, []byte(lines[0]+lines[1]))
	if out := run(t, cfg, first.cursor); !slices.Equal(out.ids, []string{"bastion://prod 2"}) {
		t.Errorf("after appending it said %q", out.ids)
	}
	write(t, path, []byte(lines[1]+lines[0]))
	if out := run(t, cfg, first.cursor); !slices.Equal(out.ids, []string{"bastion://prod 2", "desk://prod 1"}) {
		t.Errorf("of another file it said %q", out.ids)
	}
	write(t, path, nil)
	if out := run(t, cfg, first.cursor); len(out.ids) > 0 {
		t.Errorf("of an empty file it said %q", out.ids)
	}
}

// TestADamagedFileDoesNotHideTheNext: what can be read of it is said, its rest is
// told as a skip, and the file behind it is read.
func TestADamagedFileDoesNotHideTheNext(t *testing.T) {
	dir := t.TempDir()
	damaged, good := filepath.Join(dir, "a.gz"), filepath.Join(dir, "b.jsonl")
	packed := gzipped(t, fixture(t))
	write(t, damaged, packed[:len(packed)-4])
	write(t, good, []byte(strings.SplitAfter(string(fixture(t)), "\n")[1]))
	out := run(t, Config{Name: "import", Paths: []string{damaged, good}}, nil)
	if !slices.Contains(out.skips, "corrupt a.gz:9") || out.ids[len(out.ids)-1] != "bastion://prod 2" {
		t.Errorf("said %q, skipped %q", out.ids, out.skips)
	}
}

func TestRefusesAConfigurationThatCannotWork(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no name":           {Paths: []string{"x"}},
		"a name with a gap": {Name: "a b", Paths: []string{"x"}},
		"no file":           {Name: "import"},
		"no standard input": {Name: "import", Paths: []string{Stdin}},
		"to follow a pipe":  {Name: "import", Paths: []string{Stdin}, Stdin: strings.NewReader(""), Follow: true},
	} {
		if _, err := New(cfg, quietLog); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	s, err := New(Config{Name: "import", Paths: []string{filepath.Join(t.TempDir(), "none")}}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), nil, &ledger{}); err == nil {
		t.Error("a file that is not there was read")
	}
}

// TestFollows: a line that is appended later is said when it is complete, and a
// run continued from the cursor goes on behind it.
func TestFollows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	lines := strings.SplitAfter(string(fixture(t)), "\n")
	write(t, path, []byte(lines[0]+lines[1][:40]))
	follow := func(from connectors.Cursor, text string, want int) *ledger {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		out := &ledger{}
		written := false
		s, err := New(Config{Name: "import", Paths: []string{path}, Follow: true,
			Wait: func(ctx context.Context, _ time.Duration) error {
				if len(out.ids) >= want {
					stop()
				}
				if !written {
					written = true
					f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
					if err != nil {
						return err
					}
					_, err = f.WriteString(text)
					return errors.Join(err, f.Close())
				}
				return ctx.Err()
			}}, quietLog)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(ctx, from, out); !errors.Is(err, context.Canceled) {
			t.Fatalf("Run gave %v", err)
		}
		return out
	}
	first := follow(nil, lines[1][40:], 2)
	if !slices.Equal(first.ids, []string{"desk://prod 1", "bastion://prod 2"}) {
		t.Errorf("said %q", first.ids)
	}
	second := follow(first.cursor, "nonsense\n"+lines[7], 1)
	if !slices.Equal(second.ids, []string{"bastion://prod 6"}) || !slices.Equal(second.skips, []string{"bad-json events.jsonl:3"}) {
		t.Errorf("then said %q, skipped %q", second.ids, second.skips)
	}
}

func TestACompressedFileIsNotFollowed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl.gz")
	write(t, path, gzipped(t, fixture(t)))
	s, err := New(Config{Name: "import", Paths: []string{path}, Follow: true}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), nil, &ledger{}); !errors.Is(err, errCompressed) {
		t.Errorf("Run gave %v", err)
	}
}
