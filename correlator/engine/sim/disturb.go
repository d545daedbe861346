package sim

import (
	"errors"
	"fmt"
	"time"
)

// The kinds of calls.
const (
	kindAppend     = "append"
	kindAt         = "at"
	kindCommit     = "commit"
	kindDeath      = "death"
	kindLastOn     = "last-on"
	kindLook       = "look" // at the alert stream
	kindPublish    = "publish"
	kindPublishAll = "publish-all"
	kindQuarantine = "quarantine"
	kindRead       = "read"
	kindState      = "state"
	kindTick       = "tick"
	kindTimer      = "timer"
)

// errIO is what a broken disk or network says.
var errIO = errors.New("sim: input/output error")

// breakage is an I/O error at every n-th call of a kind.
type breakage struct {
	every int
	// done: the effect comes before the error, so that the caller knows nothing.
	done  bool
	times int // how often it strikes
	calls int
}

// disturbed performs a call, or fails it, as the breakage of its kind says.
func (w *World) disturbed(c *call) error {
	b := w.broken[c.kind]
	if b == nil || b.times == 0 {
		return c.do()
	}
	if b.calls++; b.calls%b.every != 0 {
		return c.do()
	}
	b.times--
	w.struck(fmt.Sprintf("i/o error: %s", c.kind))
	if !b.done {
		w.tell("%s: %s fails", c.life, c.kind)
		return w.failed(c, errIO)
	}
	err := c.do()
	w.tell("%s: %s is done (%v), and its answer lost", c.life, c.kind, err)
	return w.failed(c, errIO)
}

// failed notes what a process must not do after this error.
func (w *World) failed(c *call, err error) error {
	if c.kind == kindCommit {
		c.life.uncertain = true
	}
	return fmt.Errorf("%s: %w", c.kind, err)
}

// between is a time from a range.
func (w *World) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.rng.Int64N(int64(to-from)+1))
}

func (w *World) chance(percent int) bool { return w.rng.IntN(100) < percent }
