package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	lagEvery = time.Second // between two looks at the log's end
	// An engine that is so many messages or so long behind the log tells of
	// deadlines too late to be called ready.
	maxLagPositions = 10_000
	maxLag          = 10 * time.Second
)

// lagLoop looks at where the log ends, besides the reading of it: a reader that
// stands still would not know that it does.
func (e *Engine) lagLoop(ctx context.Context) error {
	var l lag
	for ctx.Err() == nil {
		st, err := e.cfg.Log.State(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			notReady(&e.lagging, "the log does not say where it ends: "+err.Error())
		default:
			applied := e.Applied()
			e.sawEnd(st.Last)
			e.cfg.Metrics.SetLag(int64(max(st.Last, applied) - applied))
			notReady(&e.lagging, l.look(st.Last, applied, e.cfg.Clock.Monotonic()))
		}
		e.pause(ctx, lagEvery)
	}
	return nil
}

// lag is how far the engine is behind: it has not yet applied a position that was
// seen in the log at a time.
type lag struct {
	goal uint64
	seen time.Duration
}

// look says why the engine is not ready, "" when it is near enough.
func (l *lag) look(last, applied uint64, now time.Duration) string {
	if applied >= l.goal {
		l.goal, l.seen = last, now
	}
	behind := now - l.seen
	if applied+maxLagPositions < last || behind > maxLag {
		return fmt.Sprintf("behind the log: at position %d of %d, %s late", applied, last, behind.Round(time.Second))
	}
	return ""
}

// Ready reports nil while the engine keeps up with the log: it has caught up with
// what the log held when it started, has not fallen behind since, and can tick.
func (e *Engine) Ready(context.Context) error {
	if !e.ready.Load() {
		return fmt.Errorf("reading the log: at position %d of %d", e.Applied(), e.last.Load())
	}
	for _, why := range []*atomic.Pointer[string]{&e.held, &e.stalled, &e.lagging, &e.full} {
		if s := why.Load(); s != nil {
			return fmt.Errorf("%s", *s)
		}
	}
	return nil
}

// AlertsFull reports whether what is to be told waits for room in the alert stream.
func (e *Engine) AlertsFull() bool { return e.full.Load() != nil }

// notReady notes why the engine is not ready, "" for nothing.
func notReady(where *atomic.Pointer[string], why string) {
	if why == "" {
		where.Store(nil)
		return
	}
	where.Store(&why)
}

// sawEnd notes a position that the log has.
func (e *Engine) sawEnd(last uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last.Load() < last {
		e.last.Store(last)
	}
}
