package sim

import "slices"

// sentOutOfOrder sends ahead of its turn what a source has read: two requests under
// way, and the second one is faster.
type sentOutOfOrder struct{}

// Strike implements Fault.
func (sentOutOfOrder) Strike(w *World) {
	s := w.sources[w.rng.IntN(len(w.sources))]
	to := s.cursor
	for to < len(s.records) && to < s.cursor+8 {
		to++
	}
	if to-s.cursor < 2 {
		return
	}
	entries, _ := s.number(s.cursor, to)
	// Nothing says what has not happened yet.
	entries = entries[:s.due(to)-s.cursor]
	slices.Reverse(entries)
	err := w.broker.append(entries)
	w.tell("%s: sends %d in reverse: %v", s.uri, len(entries), err)
}

// due is the end of the records that were read by now, at most to.
func (s *source) due(to int) int {
	for to > s.cursor && s.records[to-1].read > s.world.now {
		to--
	}
	return to
}
