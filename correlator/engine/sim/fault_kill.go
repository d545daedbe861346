package sim

// kill ends a process at a random moment.
type kill struct{}

// Strike implements Fault.
func (kill) Strike(w *World) {
	if m := w.any(); m != nil {
		w.kill(m.life, "killed")
	}
}
