package sim

import "time"

// clockWrongAtBoot is a machine that comes back with the wrong time, and learns the
// right one later, or not.
type clockWrongAtBoot struct{}

// Strike implements Fault.
func (clockWrongAtBoot) Strike(w *World) {
	m := w.any()
	if m == nil {
		return
	}
	w.kill(m.life, "reboot")
	m.clock.wrong = w.jump()
	w.tell("%s: its clock is wrong by %s", m.name, m.clock.wrong)
	if w.chance(70) {
		w.plan(w.between(5*time.Second, 20*time.Second), nil, func() { m.clock.wrong = 0 })
	}
}
