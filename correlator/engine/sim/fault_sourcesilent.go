package sim

import "time"

// sourceSilent cuts a source off; what it had to say comes all at once.
type sourceSilent struct{}

// Strike implements Fault.
func (sourceSilent) Strike(w *World) {
	s := w.sources[w.rng.IntN(len(w.sources))]
	s.quiet, s.delayed = max(s.quiet, w.now+w.between(3*time.Second, 30*time.Second)), true
}
