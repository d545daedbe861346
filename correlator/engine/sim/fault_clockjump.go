package sim

import "time"

// clockJump sets a wall clock forth or back, under a running process.
type clockJump struct{}

// Strike implements Fault.
func (clockJump) Strike(w *World) {
	m := w.machines[w.rng.IntN(len(w.machines))]
	m.clock.wrong += w.jump()
	w.tell("%s: its clock is wrong by %s", m.name, m.clock.wrong)
	if w.chance(50) {
		w.plan(w.between(time.Second, 20*time.Second), nil, func() { m.clock.wrong = 0 })
	}
}

// jump is how far a clock jumps.
func (w *World) jump() time.Duration {
	far := []time.Duration{time.Second, 3 * time.Second, 10 * time.Second, time.Minute, time.Hour, 25 * time.Hour, 400 * 24 * time.Hour}
	d := far[w.rng.IntN(len(far))]
	if w.chance(50) {
		return -d
	}
	return d
}
