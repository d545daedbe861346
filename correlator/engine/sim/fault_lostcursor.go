package sim

// lostCursor has a source begin anew, under new numbers.
type lostCursor struct{}

// Strike implements Fault.
func (lostCursor) Strike(w *World) {
	s := w.sources[w.rng.IntN(len(w.sources))]
	s.cursor = 0
	s.epoch++
	s.delayed = true
	s.wake()
}
