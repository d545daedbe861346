package sim

// ioErrors fail every n-th call of one kind, before or after it has its effect.
type ioErrors struct{}

// Strike implements Fault.
func (ioErrors) Strike(w *World) {
	kinds := []string{kindCommit, kindPublish, kindPublishAll, kindAppend, kindTick, kindQuarantine, kindState, kindAt, kindRead, kindLastOn, kindLook}
	w.broken[kinds[w.rng.IntN(len(kinds))]] = &breakage{every: 1 + w.rng.IntN(10), done: w.chance(50), times: 1 + w.rng.IntN(4)}
}
