package sim

// deliveredHole leaves messages out that the log has.
type deliveredHole struct{}

// Strike implements Fault.
func (deliveredHole) Strike(w *World) { w.transit = transit{transitHole, 1 + w.rng.IntN(3)} }
