package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
)

const (
	// turnovers is how often all that is open is replaced by as much; a month lies
	// between two, so that what is remembered of the first, for 90 days, is gone by
	// the fifth.
	turnovers    = 7
	comparedWith = 5
	leasesAtMost = 5000
	// settlesAfter is when what ended has left the state: the horizon is 72 hours.
	settlesAfter = 4 * 24 * time.Hour
)

// measureTurnover has the same number of leases come and go month after month: the
// state does not grow with what has been.
func (r *run) measureTurnover(ctx context.Context, rig *rig) error {
	n := min(leasesAtMost, max(r.Open/200, 100))
	r.Say(fmt.Sprintf("growth: %s leases come and go each month", number(float64(n))))
	f := &feed{ctx: ctx, log: rig.streams.Events()}
	s := &sweep{hours: hours{company: newCompany(r.Seed, 2), emit: f.put, now: beginning, want: 4 * turnovers * n, count: map[string]uint64{}}, gen: map[int]int{}, feed: f}
	s.inner(policyApplied(s.now))
	s.inner(tick(s.now, beginning))
	var sizes []int
	for i := range turnovers {
		for j := range n {
			s.gen[j] = i
		}
		s.open = 0
		if err := s.grow(n); err != nil {
			return err
		}
		rig.clock.set(s.now)
		size, err := r.monthOver(ctx, rig, s)
		if err != nil {
			return err
		}
		sizes = append(sizes, size)
		r.Progress("let months pass", i+1, turnovers)
	}
	r.figure("growth", "in the state after the first month, when all of its leases have ended", float64(sizes[0])/float64(n), "bytes/lease", nil)
	r.figure("growth", fmt.Sprintf("the same after %d months", comparedWith), float64(sizes[comparedWith-1])/float64(n), "bytes/lease", nil)
	grown := float64(sizes[turnovers-1]) / float64(sizes[comparedWith-1])
	r.figure("growth", fmt.Sprintf("in the state after %d months over after %d", turnovers, comparedWith), grown, "", atMost(1.1, grown))
	return nil
}

// monthOver lets time pass until the leases are over and have left, and the next month
// begins, and returns how many bytes the state then holds.
func (r *run) monthOver(ctx context.Context, rig *rig, s *sweep) (size int, err error) {
	e, err := rig.run(ctx, true)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	g := &grownRig{rig: rig}
	if err := g.catchUp(ctx, e); err != nil {
		return 0, err
	}
	// The first tick of an engine is close to the last one of the log: a clock that
	// jumped by more than a day while nobody ran would not be believed.
	if err := g.tickOnce(ctx, e); err != nil {
		return 0, err
	}
	begun := s.now
	for _, after := range []time.Duration{month + time.Hour, month + settlesAfter, month + 2*settlesAfter} {
		s.now = begun.Add(after)
		rig.clock.set(s.now)
		if err := g.settle(ctx, e); err != nil {
			return 0, err
		}
	}
	if open := correlator.Peek(e.View(), e.Policy()).Open; open > 0 {
		return 0, fmt.Errorf("%d leases are open %s after they ended", open, settlesAfter)
	}
	// The load goes on from the engine's last tick.
	s.now = rig.clock.Wall()
	return e.bytes()
}

// settle ticks until nothing is due, and nothing waits to leave.
func (g *grownRig) settle(ctx context.Context, e *running) error {
	for {
		if err := g.tickOnce(ctx, e); err != nil {
			return err
		}
		if at := correlator.Peek(e.View(), e.Policy()); !at.Backlog && !at.Leaving && at.NextDue > at.Now {
			return e.WaitPublished(ctx)
		}
	}
}

// bytes is how much the state holds, keys and values.
func (r *running) bytes() (n int, err error) {
	err = r.state.Scan(nil, nil, func(k, v []byte) bool {
		n += len(k) + len(v)
		return true
	})
	return n, err
}
