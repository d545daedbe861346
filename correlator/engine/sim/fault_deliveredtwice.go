package sim

// deliveredTwice hands messages out again, as after a reconnect.
type deliveredTwice struct{}

// Strike implements Fault.
func (deliveredTwice) Strike(w *World) { w.transit = transit{transitTwice, 1 + w.rng.IntN(5)} }
