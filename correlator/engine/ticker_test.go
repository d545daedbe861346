package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	storememory "github.com/overstay/overstay/store/memory"
)

// living is an engine that drives its own time, inside a synctest bubble, where
// nothing takes time but waiting.
type living struct {
	*engine.Engine
	stop func()
	done chan error
}

func (w *world) live(t *testing.T, change func(*engine.Config)) *living {
	t.Helper()
	cfg := w.config()
	cfg.Manual, cfg.Clock = false, engine.NewSystemClock()
	if change != nil {
		change(&cfg)
	}
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	l := &living{Engine: e, done: make(chan error, 1)}
	go func() { l.done <- e.Run(ctx) }()
	l.stop = func() {
		cancel()
		if err := <-l.done; err != nil {
			t.Error(err)
		}
	}
	return l
}

// beat is one tick in the log.
type beat struct {
	wall time.Time
	boot string
	seq  uint64
}

func (w *world) beats(t *testing.T) []beat {
	t.Helper()
	var out []beat
	for p := uint64(1); p <= w.last(t); p++ {
		m, err := w.log.At(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject != events.SubjectTick {
			continue
		}
		d := decoded(t, eventlog.Entry{Header: m.Header, Body: m.Body}).Data.(*events.Tick)
		out = append(out, beat{d.Wall, d.Boot, p})
	}
	return out
}

// since are the ticks from a time on, as distances from it.
func since(beats []beat, from time.Time) []time.Duration {
	var out []time.Duration
	for _, b := range beats {
		if d := b.wall.Sub(from); d >= 0 {
			out = append(out, d)
		}
	}
	return out
}

// openWindow grants alice a window that ends so long from now, and gives her so
// many leases.
func (w *world) openWindow(t *testing.T, length time.Duration, leases int) (end time.Time) {
	t.Helper()
	now := time.Now().UTC()
	end = now.Add(length)
	scope := events.Scope{System: "db", Role: "reader"}
	entries := []eventlog.Entry{event(t, events.ApprovalGranted, approvals, "g", now, "alice", &events.Approval{
		ApprovalID: "REQ-1", Requester: "alice", Scopes: []events.Scope{scope}, Window: &events.Window{Start: now, End: end, EndKind: events.EndAt},
	})}
	for i := range leases {
		entries = append(entries, event(t, events.LeaseIssued, vault, fmt.Sprintf("i%d", i), now, "alice",
			&events.Lease{LeaseID: fmt.Sprintf("L%d", i), Scope: scope}))
	}
	w.append(t, entries...)
	return end
}

// TestTicksWhenDue: with nothing armed a tick now and then, while something is
// armed one a second at least, and one at the very moment at which a deadline is
// over, which is told then.
func TestTicksWhenDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		start := time.Now()
		l := w.live(t, nil)
		defer l.stop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got, want := since(w.beats(t), start), []time.Duration{0, 2 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second, 10 * time.Second}; !slices.Equal(got, want) {
			t.Errorf("with nothing armed it ticks at %v, not %v", got, want)
		}

		armed := time.Now()
		end := w.openWindow(t, 90*time.Second+123*time.Millisecond, 1)
		due := end.Add(time.Minute) // the grace of a lease
		time.Sleep(due.Sub(armed) - time.Nanosecond)
		synctest.Wait()
		if n := len(w.alerts.Published()); n != 0 {
			t.Errorf("%d alerts before the deadline", n)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got, want := w.lines(t), []string{"OV-001 r1 raised"}; !slices.Equal(got, want) {
			t.Errorf("at the deadline: told %q, not %q", got, want)
		}
		beats := w.beats(t)
		if last := beats[len(beats)-1]; !last.wall.Equal(due) || w.told(t)[0].Origin.Seq != last.seq {
			t.Errorf("due at %s, told by the tick at %s", due, last.wall)
		}
		before := armed
		for _, b := range beats {
			if b.wall.Before(armed) {
				continue
			}
			if gap := b.wall.Sub(before); gap > time.Second {
				t.Errorf("%s without a tick before %s although a deadline was armed", gap, b.wall)
			}
			before = b.wall
		}
	})
}

// slow is a log that takes its time over a tick.
type slow struct {
	eventlog.Log
	by time.Duration
}

func (l slow) AppendGuarded(ctx context.Context, e eventlog.Entry, last uint64) (uint64, error) {
	<-time.After(l.by)
	return l.Log.AppendGuarded(ctx, e, last)
}

// TestTicksWhenDueThoughTheLogIsSlow: the time that a tick takes until it is applied
// makes the next one no later.
func TestTicksWhenDueThoughTheLogIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		end := w.openWindow(t, 10*time.Second, 1)
		e := w.live(t, func(c *engine.Config) { c.Log = slow{c.Log, 40 * time.Millisecond} })
		<-time.After(2 * time.Minute)
		synctest.Wait()
		e.stop()
		told := w.told(t)
		if len(told) == 0 {
			t.Fatal("nothing is told")
		}
		for _, b := range w.beats(t) {
			if b.seq == told[0].Origin.Seq {
				if due := end.Add(time.Minute); !b.wall.Equal(due) {
					t.Errorf("it is told by a tick that was made %s after it was due", b.wall.Sub(due))
				}
				return
			}
		}
		t.Fatalf("no tick at %d", told[0].Origin.Seq)
	})
}

// TestBacklogTicksAtOnce: what one step cannot hold goes on at the next tick,
// which follows at once, but never within 5 ms.
func TestBacklogTicksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		l := w.live(t, nil)
		defer l.stop()
		end := w.openWindow(t, 2*time.Minute, 6500)
		due := end.Add(time.Minute)
		time.Sleep(time.Until(due) + 500*time.Millisecond)
		synctest.Wait()
		work := since(w.beats(t), due)
		if len(work) < 5 {
			t.Fatalf("6,500 deadlines were worked through in %d ticks", len(work))
		}
		for i, d := range work {
			if d != time.Duration(i)*5*time.Millisecond {
				t.Fatalf("tick %d of the backlog comes %s after the deadline: %v", i, d, work)
			}
		}
		lines := w.lines(t)
		if lines[0] != "OV-001 r1 raised" || l.Applied() != w.last(t) {
			t.Errorf("told %q", lines)
		}
		t.Logf("6,500 deadlines in %d ticks", len(work))
	})
}

// TestWhatIsOverLeavesAtOnce: a tick looks at 64 of what is over, and the next one
// comes soon while more wait. At the pace of idle ticks a state would grow with what
// has been wherever more than that ends in a second.
func TestWhatIsOverLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		l := w.live(t, func(c *engine.Config) {
			c.Policy = "horizon: 1h\nafterEnd: {within: 1h}\nrotation: {within: 1h}\n"
		})
		defer l.stop()
		const leases = 10 * 64
		now := time.Now().UTC()
		var entries []eventlog.Entry
		for i := range leases {
			lease := &events.Lease{LeaseID: fmt.Sprintf("L%d", i), Scope: events.Scope{System: "db", Role: "reader"}}
			entries = append(entries, event(t, events.LeaseIssued, vault, fmt.Sprintf("i%d", i), now.Add(-time.Second), "alice", lease),
				event(t, events.LeaseRevoked, vault, fmt.Sprintf("r%d", i), now, "alice", lease))
		}
		w.append(t, entries...)
		due := now.Add(time.Hour)
		time.Sleep(time.Until(due) + 3*time.Second)
		synctest.Wait()
		if left := w.accesses(t); left != 0 {
			t.Errorf("%d of %d leases are in the state %s after they could leave", left, leases, time.Since(due))
		}
		work := since(w.beats(t), due)
		if len(work) < 11 {
			t.Fatalf("ticks since %d leases could leave: %v", leases, work)
		}
		for i := 1; i < 10; i++ {
			if apart := work[i] - work[i-1]; apart != 25*time.Millisecond {
				t.Fatalf("tick %d comes %s after the one before, while leases wait to leave: %v", i, apart, work)
			}
		}
		if apart := work[10] - work[9]; apart < time.Second {
			t.Errorf("with nothing left to leave the ticks are %s apart: %v", apart, work)
		}
	})
}

// accesses counts the accesses in the working state.
func (w *world) accesses(t *testing.T) (n int) {
	t.Helper()
	if err := w.store.Scan([]byte("a"), nil, func([]byte, []byte) bool { n++; return true }); err != nil {
		t.Fatal(err)
	}
	return n
}

// unhurried is a store whose commits take some time.
type unhurried struct {
	store.Store
	by time.Duration
}

func (u unhurried) Commit(b *store.Batch) error {
	<-time.After(u.by)
	return u.Store.Commit(b)
}

// TestBacklogIsWrittenWhileItIsApplied: the next tick of a backlog goes into the log
// while the one before it is committed.
func TestBacklogIsWrittenWhileItIsApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		const each = 40 * time.Millisecond
		end := w.openWindow(t, 2*time.Minute, 6500)
		e := w.live(t, func(c *engine.Config) { c.Log, c.Store = slow{c.Log, each}, unhurried{c.Store, each} })
		<-time.After(5 * time.Minute)
		synctest.Wait()
		e.stop()
		var work []time.Duration
		for _, d := range since(w.beats(t), end.Add(time.Minute)) {
			if d < time.Second {
				work = append(work, d)
			}
		}
		if len(work) < 6 {
			t.Fatalf("6,500 deadlines were worked through in %d ticks", len(work))
		}
		// The first alone makes the backlog known.
		for i := 2; i < 6; i++ {
			if apart := work[i] - work[i-1]; apart != each {
				t.Errorf("tick %d of the backlog comes %s after the one before: %v", i, apart, work)
			}
		}
	})
}

// TestTwoEnginesOneLog: of two engines on one log one drives time; both come to
// the same alerts, which are told once. When it dies the other takes over after
// two seconds of silence.
func TestTwoEnginesOneLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		other := newWorld()
		other.log, other.alerts, other.quarantine = w.log, w.alerts, w.quarantine
		first := w.live(t, nil)
		end := w.openWindow(t, 30*time.Second, 3)
		time.Sleep(300 * time.Millisecond) // its boot is another than the first's
		second := other.live(t, nil)
		time.Sleep(time.Until(end))
		synctest.Wait()
		drivers := map[string]int{}
		beats := w.beats(t)
		for _, b := range beats[len(beats)-20:] {
			drivers[b.boot]++
		}
		if len(drivers) != 1 {
			t.Errorf("two engines drive time: %v", drivers)
		}
		driver, standby := first, second
		if beats[len(beats)-1].boot != beats[0].boot {
			driver, standby = second, first
		}
		driver.stop()
		last := beats[len(beats)-1].wall
		time.Sleep(10 * time.Second)
		synctest.Wait()
		after := since(w.beats(t), last)[1:]
		if len(after) == 0 || after[0] < 2*time.Second || after[0] > 4*time.Second {
			t.Errorf("the driver's last tick is at %s, and the next come %v later", last, after)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		standby.stop()
		if got, want := w.lines(t), []string{"OV-001 r1 raised"}; !slices.Equal(got, want) {
			t.Errorf("told %q, not %q", got, want)
		}
	})
}

// TestTwoEnginesPublishTheSame: with both alive to the end, every revision is in
// the stream once.
func TestTwoEnginesPublishTheSame(t *testing.T) {
	entries := writeHistory(t, 11, 12, 10*time.Minute)
	base := newWorld()
	base.append(t, entries...)
	base.mustPlay(t)
	w := newWorld()
	w.append(t, entries...)
	ended := make(chan error, 2)
	for range 2 {
		cfg := w.config()
		cfg.Store = storememory.New()
		e, err := engine.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			run := make(chan error, 1)
			go func() { run <- e.Run(ctx) }()
			err := e.WaitApplied(ctx, uint64(len(entries)))
			if err == nil {
				err = e.WaitPublished(ctx)
			}
			stop()
			ended <- errors.Join(err, <-run)
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if w.digest() != base.digest() {
		t.Error(firstDifference(base.alerts.Published(), w.alerts.Published()))
	}
}

// refusing is a log that takes no ticks for a while.
type refusing struct {
	eventlog.Log
	full atomic.Bool
}

func (r *refusing) AppendGuarded(ctx context.Context, e eventlog.Entry, last uint64) (uint64, error) {
	if r.full.Load() {
		return 0, fmt.Errorf("append a tick: %w", eventlog.ErrFull)
	}
	return r.Log.AppendGuarded(ctx, e, last)
}

// TestLogTakesNoTicks: readiness says so, and time goes on when it can.
func TestLogTakesNoTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		log := &refusing{Log: w.log}
		log.full.Store(true)
		l := w.live(t, func(c *engine.Config) { c.Log = log })
		defer l.stop()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if err := l.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "takes no ticks") {
			t.Errorf("readiness says %v", err)
		}
		if said := w.said.String(); strings.Count(said, "no tick could be written") < 3 {
			t.Errorf("the log says %s", said)
		}
		log.full.Store(false)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if err := l.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		if len(w.beats(t)) == 0 {
			t.Error("there is still no tick")
		}
	})
}

// TestAClockThatJumpedIsSaidAndCanBeTrusted: after a weekend without it the engine
// waits for somebody to confirm the time, says so, and takes the operator's word.
func TestAClockThatJumpedIsSaidAndCanBeTrusted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		first := w.live(t, nil)
		time.Sleep(10 * time.Second)
		first.stop()
		time.Sleep(62 * time.Hour)

		second := w.live(t, nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if err := second.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "--trust-clock") {
			t.Errorf("with a clock nobody confirmed it says %v", err)
		}
		if g := w.glance(t); g.Held == 0 {
			t.Error("the clock is believed")
		}
		second.stop()

		third := w.live(t, func(c *engine.Config) { c.TrustClock = true })
		defer third.stop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if err := third.Ready(t.Context()); err != nil {
			t.Errorf("with a confirmed clock it says %v", err)
		}
		if g := w.glance(t); g.Held != 0 || time.Since(g.Now.Std()) > 5*time.Second {
			t.Errorf("log time is %s, held %s", g.Now, g.Held)
		}
	})
}

// jumping is a clock whose wall can be set.
type jumping struct {
	engine.Clock
	by atomic.Int64
}

func (j *jumping) Wall() time.Time { return j.Clock.Wall().Add(time.Duration(j.by.Load())) }

// TestAClockThatJumpsMakesNoStorm: log time follows the monotonic clock when the
// wall jumps an hour ahead, and what is due within that hour is not due yet.
func TestAClockThatJumpsMakesNoStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		clock := &jumping{Clock: engine.NewSystemClock()}
		l := w.live(t, func(c *engine.Config) { c.Clock = clock })
		defer l.stop()
		w.openWindow(t, 20*time.Minute, 1)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		before := len(w.beats(t))
		clock.by.Store(int64(time.Hour))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(w.beats(t)) - before; n < 5 || n > 20 {
			t.Errorf("%d ticks in the ten seconds after the jump", n)
		}
	})
}

// TestAStandbyIsReadyAgain: an engine that met a full log and then another engine is
// not held to what it met first.
func TestAStandbyIsReadyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, other := newWorld(), newWorld()
		other.log, other.alerts, other.quarantine = w.log, w.alerts, w.quarantine
		log := &refusing{Log: w.log}
		log.full.Store(true)
		standby := other.live(t, func(c *engine.Config) { c.Log = log })
		defer standby.stop()
		time.Sleep(time.Second)
		driver := w.live(t, nil)
		defer driver.stop()
		w.openWindow(t, 20*time.Minute, 1)
		time.Sleep(2 * time.Second)
		log.full.Store(false)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for _, l := range []*living{standby, driver} {
			if err := l.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}
