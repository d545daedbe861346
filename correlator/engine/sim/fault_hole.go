package sim

// hole takes messages out of the middle of the log.
type hole struct{}

// Strike implements Fault.
func (hole) Strike(w *World) {
	last := w.broker.last()
	if last < 4 {
		return
	}
	from := 2 + uint64(w.rng.Int64N(int64(last-2)))
	n := 1 + uint64(w.rng.IntN(5))
	w.damage("holed", from-1)
	w.tell("log: %d to %d are gone", from, min(from+n-1, last-1))
	w.broker.log.Lose(from, min(from+n-1, last-1))
}
