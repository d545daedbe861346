package demo

import (
	"sync"
	"time"
)

// clock is the story's time. It stands still but for set, so that nothing waits
// and every run is the same.
type clock struct {
	start time.Time

	mu  sync.Mutex
	now time.Time
}

func newClock(start time.Time) *clock { return &clock{start: start, now: start} }

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	c.now = t
	c.mu.Unlock()
}

// Wall implements engine.Clock.
func (c *clock) Wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Monotonic implements engine.Clock.
func (c *clock) Monotonic() time.Duration { return c.Wall().Sub(c.start) }

// After implements engine.Clock. It never fires: what happens in a story happens
// at its ticks.
func (c *clock) After(time.Duration) <-chan time.Time { return nil }
