package sim

// badNetwork loses, halves, delays or leaves unanswered what a source sends.
type badNetwork struct{}

// Strike implements Fault.
func (badNetwork) Strike(w *World) {
	s := w.sources[w.rng.IntN(len(w.sources))]
	w.network[s.uri] = &trouble{kind: w.rng.IntN(4), times: 1 + w.rng.IntN(6)}
}
