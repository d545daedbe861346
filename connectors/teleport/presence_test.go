package teleport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
	"github.com/overstay/overstay/events"
)

// follower follows logs by a clock that a step moves by a second.
type follower struct {
	ledger
	t   *testing.T
	now time.Time
}

func following(t *testing.T) *follower {
	return &follower{t: t, now: time.Date(2026, 3, 2, 10, 10, 0, 0, time.UTC)}
}

// run takes the steps, one between two looks, and one look after the last.
func (f *follower) run(paths []string, steps ...func()) {
	f.t.Helper()
	ctx, stop := context.WithCancel(f.t.Context())
	defer stop()
	s, err := New(Config{
		Name: "prod", Paths: paths, Follow: true, Now: func() time.Time { return f.now },
		Wait: func(ctx context.Context, _ time.Duration) error {
			if len(steps) == 0 {
				stop()
				return ctx.Err()
			}
			f.now = f.now.Add(time.Second)
			step := steps[0]
			steps = steps[1:]
			step()
			return nil
		},
	}, quietLog)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := s.Run(ctx, f.cursor, f); !errors.Is(err, context.Canceled) {
		f.t.Fatalf("Run gave %v", err)
	}
}

// through is how far it vouches.
func (f *follower) through() time.Time {
	var last time.Time
	for _, ev := range f.of(events.SourceProgress) {
		last = ev.Data.(*events.Progress).Through
	}
	return last
}

// vouches expects a claim up to now, or an older one.
func (f *follower) vouches(now bool, waits string) {
	f.t.Helper()
	// A step stands before its look: what was claimed is from the look before.
	if got := f.through().Equal(f.now.Add(-time.Second)); got != now || !strings.Contains(f.waits, waits) || (f.waits == "") != (waits == "") {
		f.t.Errorf("at %s it vouches through %s and waits for %q; want %t, %q",
			f.now.Format(time.TimeOnly), f.through().Format(time.TimeOnly), f.waits, now, waits)
	}
}

func idle(n int) (steps []func()) {
	for range n {
		steps = append(steps, func() {})
	}
	return steps
}

func (f *follower) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *follower) append(path, text string) {
	f.t.Helper()
	w, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	f.must(err)
	_, err = w.WriteString(text)
	f.must(errors.Join(err, w.Close()))
}

// TestAFileThatWasNeverThere: nothing is said of it, no coverage and no progress,
// until it comes.
func TestAFileThatWasNeverThere(t *testing.T) {
	f := following(t)
	path := filepath.Join(t.TempDir(), "typo.log")
	f.run([]string{path}, append(idle(60), func() {
		f.vouches(false, "typo.log is not there; nothing is claimed until it is")
		if len(f.said) > 0 || f.cursor != nil {
			t.Errorf("said %v of a file that is not there", f.said)
		}
		f.append(path, start)
	}, func() {}, func() { f.vouches(true, "") })...)
	if got := f.of(events.SourceResumed); len(got) != 1 || got[0].Data.(*events.Resumed).Coverage.Minute() != 0 {
		t.Errorf("resumed: %+v", got)
	}
}

// TestAFileThatIsRemoved: what was read stands; what is still written into the
// open file is read; the claim stays where it was until the file is back.
func TestAFileThatIsRemoved(t *testing.T) {
	f := following(t)
	path := logFile(t, start)
	var at time.Time
	steps := append(idle(3), func() {
		f.vouches(true, "")
		at = f.through()
		f.must(os.Rename(path, filepath.Join(filepath.Dir(path), "elsewhere")))
	}, func() {
		f.vouches(false, "") // it may be a rotation
		f.append(filepath.Join(filepath.Dir(path), "elsewhere"), end)
	})
	steps = append(steps, idle(int(tail.Rotation/time.Second))...)
	steps = append(steps, func() {
		f.vouches(false, "is not there any more")
		if len(f.of(events.SessionEnded)) != 1 {
			t.Error("what was written into the open file is not read")
		}
	})
	steps = append(steps, idle(60)...)
	steps = append(steps, func() {
		if !f.through().Equal(at) {
			t.Errorf("through %s, which was %s when the file went", f.through(), at)
		}
		f.append(path, strings.ReplaceAll(start, `"sid":"s"`, `"sid":"later"`))
	}, func() {}, func() { f.vouches(true, "") })
	f.run([]string{path}, steps...)
	if n := len(f.of(events.SessionStarted)); n != 2 || len(f.skips) > 0 {
		t.Errorf("%d sessions, skips %q; want the one of the new file besides", n, f.skips)
	}
}

// TestARotationIsNoAbsence: by rename and create, and Teleport's own, a link that
// is set to another day's file.
func TestARotationIsNoAbsence(t *testing.T) {
	for name, rotate := range map[string]func(f *follower, path string) (begin, end func()){
		"rename and create": func(f *follower, path string) (func(), func()) {
			return func() { f.must(os.Rename(path, path+".1")) }, func() { f.append(path, end) }
		},
		"the link to the day's file": func(f *follower, path string) (func(), func()) {
			day := filepath.Join(filepath.Dir(path), "2026-03-02.log")
			f.must(os.Rename(path, day))
			f.must(os.Symlink(day, path))
			return func() { f.must(os.Remove(path)) }, func() {
				next := filepath.Join(filepath.Dir(path), "2026-03-03.log")
				f.append(next, end)
				f.must(os.Symlink(next, path))
			}
		},
		"copy and truncate": func(f *follower, path string) (func(), func()) {
			return func() {
				text, err := os.ReadFile(path)
				f.must(err)
				f.must(os.WriteFile(path+".1", text, 0o600))
				f.must(os.Truncate(path, 0))
			}, func() { f.append(path, end) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := following(t)
			path := logFile(t, start)
			begin, finish := rotate(f, path)
			steps := append(idle(3), begin)
			steps = append(steps, idle(int(tail.Rotation/time.Second)-1)...)
			steps = append(steps, finish, func() {}, func() { f.vouches(true, "") })
			for i, step := range steps {
				steps[i] = func() {
					if f.waits != "" {
						t.Errorf("at step %d it waits for %s", i, f.waits)
					}
					step()
				}
			}
			f.run([]string{path}, steps...)
			if len(f.of(events.SessionEnded)) != 1 || len(f.skips) > 0 {
				t.Errorf("said %v, skips %q", f.said, f.skips)
			}
		})
	}
}

// TestOneOfSeveralIsNotThere: what the others hold is said, but not how far.
func TestOneOfSeveralIsNotThere(t *testing.T) {
	f := following(t)
	one := logFile(t, start)
	two := filepath.Join(t.TempDir(), "second.log")
	f.run([]string{one, two}, append(idle(20), func() {
		f.vouches(false, "second.log is not there")
		if len(f.of(events.SourceResumed)) != 1 || len(f.of(events.SessionStarted)) != 1 || len(f.of(events.SourceProgress)) > 0 {
			t.Errorf("said %v", f.said)
		}
		f.append(two, end)
	}, func() {}, func() { f.vouches(true, "") })...)
}

// TestABusyFileDoesNotVouchForAnother: one is read ahead of the other, whose
// records are older.
func TestABusyFileDoesNotVouchForAnother(t *testing.T) {
	late := strings.NewReplacer("10:00:00", "10:09:00", `"sid":"s"`, `"sid":"late"`).Replace(start)
	var old strings.Builder
	for i := range 9 {
		old.WriteString(strings.ReplaceAll(start, `"sid":"s"`, fmt.Sprintf(`"sid":"s%d"`, i)))
	}
	one, two := logFile(t, strings.Repeat(late, 7)), logFile(t, old.String())
	s, err := New(Config{
		Name: "prod", Paths: []string{one, two}, Follow: true, Batch: 2,
		Now:  func() time.Time { return time.Date(2026, 3, 2, 10, 10, 0, 0, time.UTC) },
		Wait: func(context.Context, time.Duration) error { return context.Canceled },
	}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	var out ledger
	if err := s.Run(t.Context(), connectors.Cursor(nil), &out); !errors.Is(err, context.Canceled) {
		t.Fatalf("Run gave %v", err)
	}
	vouched := time.Time{}
	for _, ev := range out.said {
		if p, ok := ev.Data.(*events.Progress); ok {
			vouched = p.Through
		} else if ev.Type != events.SourceResumed && ev.Time.Before(vouched) {
			t.Errorf("%s of %s came after it vouched through %s", ev.Type.Short(), ev.Time, vouched)
		}
	}
}
