package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// source is a connectors.Source made of a function.
type source func(ctx context.Context, from connectors.Cursor, out connectors.Output) error

func (source) URI() string { return "test://source" }

func (s source) Run(ctx context.Context, from connectors.Cursor, out connectors.Output) error {
	return s(ctx, from, out)
}

// counting emits events 1 to n, each with its own cursor, and ends.
func counting(n int) source {
	return func(ctx context.Context, from connectors.Cursor, out connectors.Output) error {
		at := 0
		if from != nil {
			var err error
			if at, err = strconv.Atoi(string(from)); err != nil {
				return err
			}
		}
		for ; at < n; at++ {
			if err := out.Emit(ctx, []events.Event{event(at + 1)}, fmt.Append(nil, at+1)); err != nil {
				return err
			}
		}
		return nil
	}
}

func event(n int) events.Event {
	return events.Event{
		ID: strconv.Itoa(n), Source: "test://source", Type: events.AccessUsed, Subject: "test:alice",
		Time: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC), Data: &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "l1"}},
	}
}

// log is a Publisher that remembers. fail, if set, sees each batch first.
type log struct {
	mu   sync.Mutex
	got  []events.Event
	fail func(evs []events.Event) error
}

func (l *log) Publish(_ context.Context, evs []events.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		if err := l.fail(evs); err != nil {
			return err
		}
	}
	l.got = append(l.got, evs...)
	return nil
}

// lines are the published events as "id epoch.counter".
func (l *log) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, ev := range l.got {
		out = append(out, fmt.Sprintf("%s %d.%d", ev.ID, ev.Sequence.Epoch, ev.Sequence.Counter))
	}
	return out
}

var quiet = slog.New(slog.DiscardHandler)

func newRunner(t testing.TB, s connectors.Source, to Publisher, dir string) *Runner {
	t.Helper()
	return New(s, to, Options{Dir: dir, Logger: quiet})
}

func run(t *testing.T, r *Runner) {
	t.Helper()
	if err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func expectLines(t *testing.T, l *log, want ...string) {
	t.Helper()
	if got := l.lines(); !slices.Equal(got, want) {
		t.Errorf("published\n%q\ninstead of\n%q", got, want)
	}
}

func TestSourceGoesOnWhereItStood(t *testing.T) {
	dir, l := t.TempDir(), &log{}
	run(t, newRunner(t, counting(2), l, dir))
	r := newRunner(t, counting(3), l, dir)
	run(t, r)
	expectLines(t, l, "1 1.1", "2 1.2", "3 1.3")
	s := r.Snapshot()
	if s.State != Ended || s.Sequence != (events.Sequence{Epoch: 1, Counter: 3}) || s.Events["access"] != 1 || s.LastError != "" {
		t.Errorf("the status is %+v", s)
	}
}

func TestEventsAreStamped(t *testing.T) {
	at := time.Date(2026, 5, 4, 13, 0, 0, 0, time.UTC)
	recorded := event(2)
	recorded.Recorded = at.Add(-time.Hour)
	foreign := event(3)
	foreign.Source, foreign.Sequence = "test://other", events.Sequence{Epoch: 7, Counter: 9}
	progress := event(4)
	progress.Type, progress.Data = events.SourceProgress, &events.Progress{Through: at, Basis: events.ByPosition}
	mine := []events.Event{event(1), recorded, foreign, progress}
	l := &log{}
	r := New(source(func(ctx context.Context, _ connectors.Cursor, out connectors.Output) error {
		return out.Emit(ctx, mine, nil)
	}), l, Options{Dir: t.TempDir(), Logger: quiet, Now: func() time.Time { return at }})
	run(t, r)
	expectLines(t, l, "1 1.1", "2 1.2", "3 7.9", "4 1.3")
	if got := l.got[0].Recorded; !got.Equal(at) {
		t.Errorf("an event was recorded at %s", got)
	}
	if got := l.got[1].Recorded; !got.Equal(at.Add(-time.Hour)) {
		t.Errorf("an event that says when it was recorded came out as %s", got)
	}
	if p := l.got[3].Data.(*events.Progress); p.Sequence != 3 || mine[3].Data.(*events.Progress).Sequence != 0 {
		t.Errorf("progress says %d, and the connector's own copy %+v", p.Sequence, mine[3].Data)
	}
	if !mine[0].Sequence.IsZero() {
		t.Error("the connector's own slice was written to")
	}
	if s := r.Snapshot(); !s.Through.Equal(at) || !s.LastEmit.Equal(at) || s.Events["source"] != 1 {
		t.Errorf("the status is %+v", s)
	}
}

// TestFailedSourceStartsAgain: 1 s, 2 s, 4 s and so on up to a minute, and 1 s
// again after an event got through.
func TestFailedSourceStartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var starts []time.Duration
		begin := time.Now()
		s := source(func(ctx context.Context, _ connectors.Cursor, out connectors.Output) error {
			starts = append(starts, time.Since(begin).Round(time.Second))
			switch len(starts) {
			case 9:
				if err := out.Emit(ctx, []events.Event{event(1)}, nil); err != nil {
					return err
				}
			case 11:
				return nil
			}
			return errors.New("upstream is away")
		})
		r := newRunner(t, s, &log{}, t.TempDir())
		run(t, r)
		var gaps []int
		for i, at := range starts[1:] {
			gaps = append(gaps, int((at - starts[i]).Seconds()))
		}
		if want := []int{1, 2, 4, 8, 16, 32, 60, 60, 1, 2}; !slices.Equal(gaps, want) {
			t.Errorf("the pauses were %v seconds instead of %v", gaps, want)
		}
		if st := r.Snapshot(); st.Restarts != 10 || st.LastError != "upstream is away" || st.State != Ended {
			t.Errorf("the status is %+v", st)
		}
	})
}

func TestStopDuringAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := newRunner(t, source(func(context.Context, connectors.Cursor, connectors.Output) error {
			return errors.New("upstream is away")
		}), &log{}, t.TempDir())
		time.AfterFunc(2*time.Second, cancel)
		begin := time.Now()
		if err := r.Run(ctx); err != nil || time.Since(begin) != 2*time.Second {
			t.Errorf("Run returned %v after %s", err, time.Since(begin))
		}
		if st := r.Snapshot(); st.State != Stopped {
			t.Errorf("the state is %s", st.State)
		}
	})
}

// TestRefusedBatchIsSaidAgain: the log answers with an error, after it took the
// batch or before. Either way the same event has the same number.
func TestRefusedBatchIsSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, calls := &log{}, 0
		l.fail = func(evs []events.Event) error {
			switch calls++; calls {
			case 2:
				return errors.New("no answer, and not taken")
			case 4:
				l.got = append(l.got, evs...)
				return errors.New("no answer, but taken")
			}
			return nil
		}
		run(t, newRunner(t, counting(3), l, t.TempDir()))
		expectLines(t, l, "1 1.1", "2 1.2", "3 1.3", "3 1.3")
	})
}

// TestCrashBetweenPublishAndStore: the disk refuses the cursor once.
func TestCrashBetweenPublishAndStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, l := t.TempDir(), &log{}
		r := newRunner(t, counting(3), l, dir)
		block := r.keeper.path(".json") + ".tmp"
		calls := 0
		l.fail = func([]events.Event) error {
			switch calls++; calls {
			case 2:
				return os.Mkdir(block, 0o700)
			case 3:
				return os.Remove(block)
			}
			return nil
		}
		run(t, r)
		expectLines(t, l, "1 1.1", "2 1.2", "2 1.2", "3 1.3")
	})
}

// TestInvalidEventLeavesAHole: it neither blocks the source nor goes unnoticed.
func TestInvalidEventLeavesAHole(t *testing.T) {
	l, bad := &log{}, event(2)
	bad.Time = time.Time{}
	r := newRunner(t, source(func(ctx context.Context, _ connectors.Cursor, out connectors.Output) error {
		return errors.Join(
			out.Emit(ctx, []events.Event{event(1), bad, event(3)}, nil),
			out.Emit(ctx, []events.Event{bad}, nil),
			out.Emit(ctx, []events.Event{event(5)}, nil))
	}), l, t.TempDir())
	run(t, r)
	expectLines(t, l, "1 1.1", "3 1.3", "5 1.5")
	if s := r.Snapshot(); s.Skipped[invalidEvent] != 2 || s.LastSkip.Place != `event "2"` {
		t.Errorf("the status is %+v", s)
	}
}

func TestFloodIsCutIntoBatches(t *testing.T) {
	var sizes []int
	l := &log{fail: func(evs []events.Event) error {
		sizes = append(sizes, len(evs))
		return nil
	}}
	run(t, newRunner(t, source(func(ctx context.Context, _ connectors.Cursor, out connectors.Output) error {
		var evs []events.Event
		for i := range 2500 {
			evs = append(evs, event(i))
		}
		return out.Emit(ctx, evs, nil)
	}), l, t.TempDir()))
	if want := []int{1000, 1000, 500}; !slices.Equal(sizes, want) {
		t.Errorf("the log got batches of %v instead of %v", sizes, want)
	}
	if last := l.got[2499].Sequence.Counter; last != 2500 {
		t.Errorf("the last number is %d", last)
	}
}

// TestStuckSourceIsReported: after five seconds, and it can do no more harm.
func TestStuckSourceIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		release, late := make(chan struct{}), make(chan error, 1)
		l := &log{}
		r := newRunner(t, source(func(ctx context.Context, _ connectors.Cursor, out connectors.Output) error {
			cancel()
			<-release
			late <- out.Emit(context.WithoutCancel(ctx), []events.Event{event(1)}, nil)
			return nil
		}), l, t.TempDir())
		begin := time.Now()
		err := r.Run(ctx)
		var stuck *StuckError
		if !errors.As(err, &stuck) || time.Since(begin) != StopWithin {
			t.Errorf("Run returned %v after %s", err, time.Since(begin))
		}
		if st := r.Snapshot(); st.State != Stuck {
			t.Errorf("the state is %s", st.State)
		}
		close(release)
		if err := <-late; !errors.Is(err, errOver) {
			t.Errorf("a late Emit returned %v", err)
		}
		expectLines(t, l)
	})
}

func TestSkipsAreCounted(t *testing.T) {
	r := newRunner(t, source(func(_ context.Context, _ connectors.Cursor, out connectors.Output) error {
		out.Skip(connectors.SkipNotAccess, "audit.log:1", nil)
		out.Skip("bad-json", "audit.log:2", errors.New("unexpected end"))
		out.Skip("bad-json", "audit.log:3", errors.New("unexpected end"))
		out.Skip("", "audit.log:4", nil)
		for i := range 100 {
			out.Skip(fmt.Sprint("reason-", i), "audit.log:5", nil)
		}
		return nil
	}), &log{}, t.TempDir())
	run(t, r)
	s := r.Snapshot()
	if s.Skipped[connectors.SkipNotAccess] != 1 || s.Skipped["bad-json"] != 2 || len(s.Skipped) != maxReasons {
		t.Errorf("skips by reason: %v", s.Skipped)
	}
	if s.LastSkip == nil || s.LastSkip.Place != "audit.log:5" {
		t.Errorf("the last skip is %+v", s.LastSkip)
	}
	s.Skipped["bad-json"] = 0
	if r.Snapshot().Skipped["bad-json"] != 2 {
		t.Error("a snapshot shares its map with the runner")
	}
}
