package sim

import "time"

// freeze is a machine that is suspended: its clock of the wall goes on, the other
// one may not.
type freeze struct{}

// Strike implements Fault.
func (freeze) Strike(w *World) {
	m := w.any()
	if m == nil {
		return
	}
	d := w.between(time.Second, 30*time.Second)
	m.life.frozen = w.now + d
	if w.chance(50) {
		w.plan(d, nil, func() { m.clock.asleep += d })
	}
}
