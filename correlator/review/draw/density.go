package draw

import (
	"time"

	"github.com/overstay/overstay/correlator/review"
)

// density counts, for each of so many pieces of an axis, how many lanes are held, or
// of approvals in force, at some time of it.
func density(a axis, lanes []review.Lane, pieces int) []int {
	out := make([]int, pieces)
	for _, l := range lanes {
		held := make([]bool, pieces)
		for _, s := range l.Spans {
			first, last, ok := a.cells(s.From, s.To, pieces)
			for i := first; ok && i <= last; i++ {
				held[i] = true
			}
		}
		for i, h := range held {
			if h {
				out[i]++
			}
		}
	}
	return out
}

// cells are the first and the last of so many pieces of the axis that a range touches.
func (a axis) cells(from, to time.Time, pieces int) (first, last int, ok bool) {
	if from.IsZero() || from.Before(a.from) {
		from = a.from
	}
	if to.Before(a.from) || from.After(a.to) || to.Before(from) {
		return 0, 0, false
	}
	first = min(int(a.at(from)*float64(pieces)), pieces-1)
	last = int(a.at(to) * float64(pieces))
	if float64(last) == a.at(to)*float64(pieces) && last > first {
		last-- // it ends where the next begins
	}
	return first, min(last, pieces-1), true
}
