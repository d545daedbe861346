package sim

import "time"

// diskFull leaves no room for the state for a while.
type diskFull struct{}

// Strike implements Fault.
func (diskFull) Strike(w *World) {
	m := w.machines[w.rng.IntN(len(w.machines))]
	m.disk.full = true
	w.plan(w.between(time.Second, 20*time.Second), nil, func() { m.disk.full = false })
}
