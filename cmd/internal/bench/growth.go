package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/overstay/overstay/events"
)

const (
	// leastOpen is the size that the larger ones are compared with, and most that for
	// which the target is.
	leastOpen = 100_000
	mostOpen  = 10_000_000
	// rounds are measured at each size, each of so many turns; a turn is four events,
	// and even the shortest round is more than a batch.
	rounds       = 5
	turnsAtLeast = 300
	turnsAtMost  = 2500
)

// sweep is the load of a state that grows. Each subject has as many leases as every
// other, none ends, and at each size the same is done with some of them.
type sweep struct {
	hours
	open int         // so far
	gen  map[int]int // of a lease's place, how often it was taken anew
	feed *feed
}

func (s *sweep) subject(i int) events.ID {
	return events.NewID("vault/prod/approle", fmt.Sprintf("w%07d", i/perSubject))
}

func (s *sweep) id(i int) string { return fmt.Sprintf("database/creds/app/%08d.%d", i, s.gen[i]) }

// month is how long the leases run: nothing comes due while it is measured.
const month = 30 * 24 * time.Hour

func (s *sweep) issue(i int) {
	s.tell(events.LeaseIssued, i, &events.Lease{LeaseID: s.id(i), Credential: events.CredentialDynamic,
		Scope:  events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/app"},
		Expiry: &events.Expiry{Kind: events.ExpiryExact, At: s.now.Add(month)}})
}

func (s *sweep) tell(t events.Type, i int, d events.Data) {
	if s.n++; s.n%sayEvery == 0 {
		s.now = s.now.Add(time.Second)
		s.inner(tick(s.now, beginning))
	}
	ev, err := events.New(t, vault, fmt.Sprintf("%s-%09d", t.What(), s.n), s.now, s.subject(i), d)
	s.outer(ev, err)
}

// grow opens leases until there are so many.
func (s *sweep) grow(open int) error {
	for ; s.open < open && s.err == nil; s.open++ {
		s.issue(s.open)
	}
	return errors.Join(s.err, s.feed.flush())
}

// turn does what happens to leases: one of some subject, whoever it is, is used,
// renewed, given back, and another one taken.
func (s *sweep) turn() {
	i := s.rng.IntN(s.open)
	s.tell(events.AccessUsed, i, &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: s.id(i)}})
	s.tell(events.LeaseRenewed, i, &events.Lease{LeaseID: s.id(i), Expiry: &events.Expiry{Kind: events.ExpiryExact, At: s.now.Add(month)}})
	s.tell(events.LeaseRevoked, i, &events.Lease{LeaseID: s.id(i)})
	s.gen[i]++
	s.issue(i)
}

// turns does so many and returns where in the log each stretch of them ends.
func (s *sweep) turns(n, stretches int) (ends []int, err error) {
	for range stretches {
		for range n {
			s.turn()
		}
		ends = append(ends, s.made)
	}
	return ends, errors.Join(s.err, s.feed.flush())
}

// cost is what an event takes.
type cost struct{ wall, processor time.Duration }

// measureGrowth has the same done at each size.
func (r *run) measureGrowth(ctx context.Context, rig *rig) (err error) {
	sizes := sizesUpTo(r.Open)
	f := &feed{ctx: ctx, log: rig.streams.Events()}
	s := &sweep{hours: hours{company: newCompany(r.Seed, 2), emit: f.put, now: beginning, want: 2 * (r.Open + mostOpen), count: map[string]uint64{}}, gen: map[int]int{}, feed: f}
	s.inner(policyApplied(s.now))
	s.inner(tick(s.now, beginning))
	costs := make([]cost, len(sizes))
	for i, size := range sizes {
		if costs[i], err = r.atSize(ctx, rig, s, size); err != nil {
			return err
		}
	}
	last := len(sizes) - 1
	over := func(of func(cost) time.Duration) float64 { return float64(of(costs[last])) / float64(of(costs[0])) }
	wall := over(func(c cost) time.Duration { return c.wall })
	r.figure("growth", "time of an event, with most open over with fewest", wall, "", atMost(1.5, wall).of(mostOpen, r.Open, "open"))
	if costs[0].processor > 0 {
		processor := over(func(c cost) time.Duration { return c.processor })
		r.figure("growth", "processor time of an event, the same", processor, "", atMost(1.5, processor).of(mostOpen, r.Open, "open"))
	}
	return nil
}

// sizesUpTo are what is measured until so many are open, each ten times the one before.
func sizesUpTo(open int) (sizes []int) {
	for size := min(leastOpen, open/10); size < open; size *= 10 {
		sizes = append(sizes, size)
	}
	return append(sizes, open)
}

// atSize fills the state up to a size and measures what an event costs there. The
// engine is started anew, so that it is not what filling kept that is measured.
func (r *run) atSize(ctx context.Context, rig *rig, s *sweep, size int) (c cost, err error) {
	what := fmt.Sprintf("%s subjects with %s open", thousands(strconv.Itoa(size/perSubject)), thousands(strconv.Itoa(size)))
	r.Say("growth: " + what)
	s.feed.told = func(int) { r.Progress("fill the log", s.open, size) }
	if err := s.grow(size); err != nil {
		return c, err
	}
	rig.clock.set(s.now.Add(time.Second))
	if err := r.applied(ctx, rig, s.made); err != nil {
		return c, err
	}
	s.feed.told = nil
	ends, err := s.turns(min(turnsAtMost, max(size/20, turnsAtLeast)), rounds+1)
	if err != nil {
		return c, err
	}
	rig.clock.set(s.now.Add(time.Second))
	e, err := rig.run(ctx, true)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	name := "growth"
	if size < r.Open {
		name = fmt.Sprintf("growth-%d", size)
	}
	watch := watchFootprint(ctx)
	if c, err = r.costOf(ctx, e, ends, name); err != nil {
		return c, err
	}
	most, err := watch.stop()
	if err != nil {
		return c, err
	}
	disk, err := e.state.Size()
	if err != nil {
		return c, err
	}
	r.figure("growth", what+": an event takes", micro(c.wall), "µs", nil)
	if c.processor > 0 {
		r.figure("growth", "processor time of the whole process for it", micro(c.processor), "µs", nil)
	}
	const mib = 1 << 20
	own := float64(most.own) / mib
	r.figure("growth", "memory of its own at most meanwhile", own, "MiB", atMost(float64(r.Memory)/mib, own))
	r.figure("growth", "state on disk", float64(disk)/float64(size), "bytes/access", nil)
	return c, nil
}

// applied has an engine of its own apply the log up to a position.
func (r *run) applied(ctx context.Context, rig *rig, position int) (err error) {
	e, err := rig.run(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	from := int(e.Applied())
	const steps = 100
	for i := range steps {
		at := from + (position-from)*(i+1)/steps
		if err := e.reached(ctx, uint64(at)); err != nil {
			return err
		}
		r.Progress("apply the log", at, position)
	}
	return nil
}

// costOf is what an event costs in the stretch that is neither dear nor cheap among
// those after the first, which warms up: tables are merged now and then, and a machine
// has other things to do.
func (r *run) costOf(ctx context.Context, e *running, ends []int, profile string) (c cost, err error) {
	if err := e.reached(ctx, uint64(ends[0])); err != nil {
		return c, err
	}
	stop, err := r.profile(profile)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	var wall, processor []time.Duration
	for i, end := range ends[1:] {
		from, began, used := e.Applied(), time.Now(), processorTime()
		if err := e.reached(ctx, uint64(end)); err != nil {
			return c, err
		}
		took, worked := time.Since(began), processorTime()-used
		// Whole batches are applied, so that it is not quite where it was to be.
		if n := time.Duration(e.Applied() - from); n > 0 {
			wall, processor = append(wall, took/n), append(processor, worked/n)
		}
		r.Progress("measure", i+1, len(ends)-1)
	}
	if len(wall) == 0 {
		return c, errors.New("all of it was applied before it could be measured")
	}
	return cost{median(wall), median(processor)}, nil
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
