package sim

// deliveredReversed hands messages out in the wrong order.
type deliveredReversed struct{}

// Strike implements Fault.
func (deliveredReversed) Strike(w *World) { w.transit = transit{transitReversed, 1 + w.rng.IntN(3)} }
