package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

const (
	tickEvery   = time.Second          // at least, while anything is armed
	tickApart   = 5 * time.Millisecond // at the least between two ticks
	standbyWait = 2 * time.Second      // silence after which a standby takes over
	idleEvery   = 2 * time.Second      // with nothing armed: far below what opens catch-up

	// leaveEvery is the time between two ticks while what is over waits to leave the
	// state. A tick looks at 64 of them at most: 2,560 a second can go, which is more than come
	// at the rates that are measured, and what arrives meanwhile has most of the time.
	leaveEvery = 25 * time.Millisecond

	// ticksAhead is how many ticks of a backlog are in flight: one is applied while what
	// the one before it did is committed, and the next one is written.
	ticksAhead = 3
)

// tickLoop puts time into the log: exactly when the next thing is due, at least
// once a second while anything is armed, at once while work is waiting, and often while
// what is over waits to leave. One tick is in flight at a time, and while work is
// waiting a few, so that the next is in the log when one has been applied. Each is
// guarded by its predecessor, so that two engines on one log do not both drive time.
func (e *Engine) tickLoop(ctx context.Context) error {
	last, err := e.cfg.Log.LastOn(ctx, events.SubjectTick)
	if err != nil {
		return fmt.Errorf("find the last tick: %w", err)
	}
	var flying []uint64 // positions of ticks that are in the log and not waited for
	for ctx.Err() == nil {
		made := e.cfg.Clock.Monotonic()
		pos, err := e.Tick(ctx, last)
		switch {
		case errors.Is(err, eventlog.ErrConflict):
			notReady(&e.stalled, "") // it took another's
			if last, err = e.standby(ctx, last); err != nil {
				return err
			}
			continue
		case err != nil:
			// A log that takes no ticks makes every deadline late: say so, try on.
			notReady(&e.stalled, "the log takes no ticks: "+err.Error())
			e.cfg.Logger.Error("no tick could be written", "error", err)
			e.pause(ctx, tickEvery)
			continue
		}
		notReady(&e.stalled, "")
		last = pos
		if err := e.fail(PointTicked); err != nil {
			return err
		}
		most := 1
		if e.backlog() {
			most = ticksAhead
		}
		if flying = append(flying, pos); len(flying) >= most {
			oldest := len(flying) - most
			if err := e.WaitApplied(ctx, flying[oldest]); err != nil {
				return nil // only ctx ends the wait
			}
			flying = slices.Delete(flying, 0, oldest+1)
		}
		if err := e.trustClock(ctx); err != nil {
			e.cfg.Logger.Error("the clock could not be confirmed", "error", err)
		}
		e.untilDue(ctx, made)
	}
	return nil
}

// Tick appends one tick with the clock's present time after the tick at position
// last, and returns its position.
func (e *Engine) Tick(ctx context.Context, last uint64) (uint64, error) {
	wall := e.cfg.Clock.Wall()
	ev, err := events.New(events.ClockTick, "overstay://clock", e.boot+"-"+wall.UTC().Format(time.RFC3339Nano), wall, "",
		&events.Tick{Wall: wall.UTC(), Monotonic: events.Duration(e.cfg.Clock.Monotonic()), Boot: e.boot})
	if err != nil {
		return 0, fmt.Errorf("make a tick: %w", err)
	}
	entry, err := entryFor(ev)
	if err != nil {
		return 0, err
	}
	entry.MsgID = "" // the guard says it better
	return e.cfg.Log.AppendGuarded(ctx, entry, last)
}

// standby waits until the other engine has been silent for a while.
func (e *Engine) standby(ctx context.Context, last uint64) (uint64, error) {
	now, err := e.cfg.Log.LastOn(ctx, events.SubjectTick)
	if err != nil {
		return last, fmt.Errorf("find the last tick: %w", err)
	}
	if now == last {
		return last, nil
	}
	e.pause(ctx, standbyWait)
	return now, nil
}

// untilDue waits for the moment of the next tick. What is due is due in log time,
// which the tick before has moved: a wall clock that jumped meanwhile makes nothing
// due, and nothing late. That tick was made some time ago: while it was written and
// applied log time stood still, and the clock did not.
func (e *Engine) untilDue(ctx context.Context, made time.Duration) {
	for {
		e.mu.Lock()
		due := e.due
		e.mu.Unlock()
		wait := tickEvery
		if due.next == correlator.Forever {
			wait = idleEvery
		} else {
			wait = min(wait, due.next.Sub(due.now))
		}
		if due.leaving {
			wait = min(wait, leaveEvery)
		}
		if due.backlog {
			wait = 0
		}
		wait = max(wait, tickApart) - (e.cfg.Clock.Monotonic() - made)
		if wait <= 0 {
			return
		}
		select {
		case <-e.cfg.Clock.After(wait):
			return
		case <-due.wake:
		case <-ctx.Done():
			return
		}
	}
}

// backlog reports whether work is waiting for time to go on.
func (e *Engine) backlog() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.due.backlog
}

func (e *Engine) pause(ctx context.Context, d time.Duration) {
	select {
	case <-e.cfg.Clock.After(d):
	case <-ctx.Done():
	}
}

// SystemClock is the machine's clock.
type SystemClock struct{ start time.Time }

// NewSystemClock starts its monotonic time now.
func NewSystemClock() *SystemClock { return &SystemClock{start: time.Now()} }

// Wall implements Clock.
func (c *SystemClock) Wall() time.Time { return time.Now().UTC() }

// Monotonic implements Clock.
func (c *SystemClock) Monotonic() time.Duration { return time.Since(c.start) }

// After implements Clock.
func (c *SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
