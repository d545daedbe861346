package sim

// lostMiddle is a power cut after which a commit is missing before others that are
// there.
type lostMiddle struct{}

// Strike implements Fault.
func (lostMiddle) Strike(w *World) {
	if m := w.any(); m != nil {
		w.kill(m.life, "power cut")
		if m.disk.loseMiddle(1 + w.rng.IntN(20)) {
			w.tell("%s: the disk lost a commit from the middle", m.name)
		}
	}
}
