package sim

// lostState is a disk that is gone, and a new one in its place.
type lostState struct{}

// Strike implements Fault.
func (lostState) Strike(w *World) {
	if m := w.any(); m != nil {
		w.kill(m.life, "disk gone")
		m.disk.begin()
	}
}
