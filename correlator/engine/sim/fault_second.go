package sim

import "time"

// secondCorrelator is another one on the same log, with a state of its own.
type secondCorrelator struct{}

// Strike implements Fault.
func (secondCorrelator) Strike(w *World) {
	if len(w.machines) > 1 {
		return
	}
	m := w.machine("b")
	m.clock.wrong = w.between(-1500*time.Millisecond, 1500*time.Millisecond)
	m.boot(false)
}
