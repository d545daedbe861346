package bench

import (
	"sync"
	"time"
)

// clock runs at the speed of the machine's, from a time of its own, and can be moved.
// Wall and monotonic time move together: a jump is not a clock that went wrong.
type clock struct {
	start time.Time

	mu     sync.Mutex
	base   time.Time     // the machine's, monotonic
	offset time.Duration // of the clock at base
	moved  chan struct{} // closed and replaced at each move
}

func newClock(start time.Time) *clock {
	return &clock{start: start, base: time.Now(), moved: make(chan struct{})}
}

// Monotonic implements engine.Clock.
func (c *clock) Monotonic() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset + time.Since(c.base)
}

// Wall implements engine.Clock.
func (c *clock) Wall() time.Time { return c.start.Add(c.Monotonic()) }

// After implements engine.Clock.
func (c *clock) After(d time.Duration) <-chan time.Time {
	out := make(chan time.Time, 1)
	until := c.Monotonic() + d
	go func() {
		for {
			c.mu.Lock()
			moved := c.moved
			c.mu.Unlock()
			left := until - c.Monotonic()
			if left <= 0 {
				out <- c.Wall()
				return
			}
			t := time.NewTimer(left)
			select {
			case <-t.C:
			case <-moved:
				t.Stop()
			}
		}
	}()
	return out
}

// set moves the clock to a time.
func (c *clock) set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.offset = time.Now(), to.Sub(c.start)
	close(c.moved)
	c.moved = make(chan struct{})
}
