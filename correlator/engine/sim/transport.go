package sim

import (
	"slices"

	"github.com/overstay/overstay/store/eventlog"
)

// transit is what the transport does to the next deliveries.
type transit struct {
	kind  int
	times int
}

const (
	transitTwice    = iota + 1 // hands out again what it handed out
	transitHole                // leaves one out
	transitReversed            // hands out in another order
)

// transport disturbs what a reader is about to be handed.
func (w *World) transport(r *reader, got []eventlog.Message) []eventlog.Message {
	if w.transit.times == 0 || len(got) == 0 {
		return got
	}
	switch {
	case w.transit.kind == transitTwice:
		got = append(slices.Clone(got), got...)
	case w.transit.kind == transitHole && len(got) > 1:
		i := w.rng.IntN(len(got) - 1)
		got = slices.Delete(slices.Clone(got), i, i+1)
	case w.transit.kind == transitReversed && len(got) > 1:
		got = slices.Clone(got)
		slices.Reverse(got)
	default:
		return got
	}
	w.transit.times--
	return got
}
