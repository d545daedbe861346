package httppush

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// quota is what one client may do at a time. It is charged by events, since they
// are what the log pays for; a request costs at least one.
type quota struct {
	events *rate.Limiter
	slots  chan struct{}

	mu    sync.Mutex
	again time.Time // when it was told to come back
}

func newQuota(o Options) *quota {
	return &quota{
		events: rate.NewLimiter(rate.Limit(o.EventRate), o.Burst),
		slots:  make(chan struct{}, o.InFlight),
	}
}

// enter takes one of the client's places and one event of its rate, before
// anything of the body is read. The caller releases the place.
func (q *quota) enter() (release func(), p *Problem) {
	select {
	case q.slots <- struct{}{}:
	default:
		return nil, tooManyRequests(fmt.Sprintf("%d requests of this client are being handled.", cap(q.slots)), time.Second)
	}
	p = q.early()
	if p == nil {
		p = q.charge(1)
	}
	if p != nil {
		<-q.slots
		return nil, p
	}
	return func() { <-q.slots }, nil
}

// spend charges the events of a request beyond the one that entering took.
func (q *quota) spend(n int) *Problem {
	if n <= 1 {
		return nil
	}
	return q.charge(n - 1)
}

func (q *quota) charge(n int) *Problem {
	now := time.Now()
	r := q.events.ReserveN(now, n)
	wait := r.DelayFrom(now)
	if r.OK() && wait == 0 {
		return nil
	}
	r.CancelAt(now) // what is refused costs nothing, or waiting clients would starve themselves
	q.mu.Lock()
	q.again = now.Add(wait)
	q.mu.Unlock()
	return q.tooMany(wait)
}

// early refuses, unread, what comes before the client was told to come back: what it
// holds would be decoded only to be refused again, at the cost of the others.
func (q *quota) early() *Problem {
	q.mu.Lock()
	defer q.mu.Unlock()
	if wait := time.Until(q.again); wait > 0 {
		return q.tooMany(wait)
	}
	return nil
}

func (q *quota) tooMany(wait time.Duration) *Problem {
	return tooManyRequests(fmt.Sprintf("This client may send %v events a second.", float64(q.events.Limit())), wait)
}
