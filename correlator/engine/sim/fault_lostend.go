package sim

// lostEnd is a power cut on a disk that lied about its sync: the last commits are
// gone, though they were acknowledged.
type lostEnd struct{}

// Strike implements Fault.
func (lostEnd) Strike(w *World) {
	if m := w.any(); m != nil {
		w.kill(m.life, "power cut")
		w.tell("%s: the disk lost its last %d commits", m.name, m.disk.loseEnd(1+w.rng.IntN(20)))
	}
}
