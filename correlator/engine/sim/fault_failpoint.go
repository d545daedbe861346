package sim

// failpoint lets a process die at one of the engine's named points.
type failpoint struct{}

// Strike implements Fault.
func (failpoint) Strike(w *World) {
	d := death{
		point: []string{"before-commit", "after-commit", "before-publish", "after-publish"}[w.rng.IntN(4)],
		turn:  1 + w.rng.IntN(12),
	}
	m := w.any()
	if m == nil || w.chance(30) {
		w.nextDeath = d // in the first moments of the next process
		return
	}
	w.mu.Lock()
	m.life.die, m.life.turn = d.point, m.life.calls[d.point]+d.turn
	w.mu.Unlock()
}
