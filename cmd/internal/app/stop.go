package app

import (
	"context"
	"time"
)

// The program ends within 10 s of being told to. Its parts share that: what one
// does not use is there for the next.
const (
	stopWithin  = 9 * time.Second
	applyWithin = 2 * time.Second // for what was acknowledged before the stop
	publishKeep = time.Second     // kept back for publishing what follows from it
	closeKeep   = time.Second     // kept back for closing everything
)

// deadline is the moment that all parts of a stop share.
type deadline time.Time

func newDeadline() deadline { return deadline(time.Now().Add(stopWithin)) }

// within is a context for one part: it ends early enough to keep some of the time
// for those that follow, and after most at the latest, if that is not 0.
func (d deadline) within(keep, most time.Duration) (context.Context, context.CancelFunc) {
	by := time.Time(d).Add(-keep)
	if end := time.Now().Add(most); most > 0 && end.Before(by) {
		by = end
	}
	return context.WithDeadline(context.Background(), by)
}
