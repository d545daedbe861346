package sim

// truncate is a stream that lost its end.
type truncate struct{}

// Strike implements Fault.
func (truncate) Strike(w *World) { w.truncate() }

// truncate takes some of the newest messages away and returns how many.
func (w *World) truncate() uint64 {
	last := w.broker.last()
	n := min(1+uint64(w.rng.IntN(30)), last)
	w.damage("truncated", last-n)
	w.broker.log.Truncate(last - n)
	w.broker.forgetIDs()
	w.deliver()
	return n
}
