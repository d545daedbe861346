package sim

// batches of alerts are refused, or their answers are lost: after they were stored, or
// before.
type batches struct{}

// Strike implements Fault.
func (batches) Strike(w *World) {
	w.broken[kindPublishAll] = &breakage{every: 1 + w.rng.IntN(2), done: w.chance(50), times: 1 + w.rng.IntN(6)}
}
