package sim

// recreate is a stream that somebody deleted and made again.
type recreate struct{}

// Strike implements Fault.
func (recreate) Strike(w *World) {
	w.damage("recreated", 0)
	w.broker.log.Recreate()
	w.broker.forgetIDs()
	w.deliver()
}
