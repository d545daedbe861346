package sim

import (
	"time"
)

// began is the world's first moment.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// clock is a machine's.
type clock struct {
	wrong  time.Duration // how far the wall clock is off
	booted time.Duration // the world's time at boot: monotonic time counts from there
	asleep time.Duration // what monotonic time did not count since
}

// lifeClock is the engine.Clock of one process.
type lifeClock struct{ l *life }

// Wall implements engine.Clock.
func (c *lifeClock) Wall() time.Time {
	return began.Add(c.l.world.now + c.l.machine.clock.wrong)
}

// Monotonic implements engine.Clock.
func (c *lifeClock) Monotonic() time.Duration {
	k := c.l.machine.clock
	return c.l.world.now - k.booted - k.asleep
}

// After implements engine.Clock.
func (c *lifeClock) After(d time.Duration) <-chan time.Time {
	t := &call{life: c.l, kind: kindTimer, after: max(d, 0), fire: make(chan time.Time)}
	if !c.l.world.file(t) {
		close(t.fire)
	}
	return t.fire
}
