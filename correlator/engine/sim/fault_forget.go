package sim

// forget is retention that takes the beginning of the log, and more if nobody has
// read for long.
type forget struct{}

// Strike implements Fault.
func (forget) Strike(w *World) {
	last := w.broker.last()
	if last < 2 {
		return
	}
	first := 2 + uint64(w.rng.Int64N(int64(last-1)))
	w.damage("forgotten", 0)
	w.broker.log.Forget(first)
}
