package review

import (
	"slices"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/memory"
)

// stops are states along a replay, from which a piece of it can be played once more.
// A state in memory shares with the one before what did not change, so that they cost
// what was written between them, and keeping few bounds that.
type stops struct {
	all   []stop
	every uint64 // positions between two
	now   correlator.Time
	// departed is what had left the state by a position, links who became one person
	// there, or no longer was.
	departed []departure
	links    []linked
}

// stop is the state after a position.
type stop struct {
	position uint64
	now      correlator.Time // log time; a batch that was tried before may have made it later
	state    *memory.Store
}

type departure struct {
	position uint64
	what     correlator.Departed
}

type linked struct {
	position uint64
	a, b     events.ID
}

// stopsEvery is how many positions lie between two stops of a short log, maxStops how
// many there are: of a longer log they lie further apart.
const (
	stopsEvery = 1024
	maxStops   = 32
)

// begin takes the state that the replay begins with.
func (s *stops) begin(state *memory.Store) {
	*s = stops{every: stopsEvery}
	s.all = []stop{{position: reachedBy(state), state: state.Clone()}}
}

// watching takes states as they are committed.
func (s *stops) watching(state *memory.Store, watch watching) watching {
	return func(m correlator.Message, r correlator.Result, v *correlator.View) {
		if at := reachedBy(state); at >= s.all[len(s.all)-1].position+s.every {
			s.take(stop{at, s.now, state.Clone()})
		}
		s.now = max(s.now, v.Now())
		if d := r.Departed; len(d.Accesses)+len(d.Approvals)+len(d.Alerts)+len(d.Facts) > 0 {
			s.departed = append(s.departed, departure{m.Origin.Seq, d})
		}
		if d, ok := m.Event.Data.(*events.IdentityLink); ok && r.Outcome == correlator.Applied {
			s.links = append(s.links, linked{m.Origin.Seq, m.Event.Subject, d.Other})
		}
		if watch != nil {
			watch(m, r, v)
		}
	}
}

// take adds a stop; where there are too many, every second goes, save the first.
func (s *stops) take(at stop) {
	s.all = append(s.all, at)
	if len(s.all) <= maxStops {
		return
	}
	s.every *= 2
	kept := s.all[:1]
	for i := 2; i < len(s.all); i += 2 {
		kept = append(kept, s.all[i])
	}
	clear(s.all[len(kept):]) // or what was let go of stays in memory
	s.all = kept
}

// end takes the state that the replay ended with.
func (s *stops) end(state *memory.Store, out Outcome) {
	s.all = append(s.all, stop{out.Last, out.View.Now(), state.Clone()})
}

// before is the last stop before a position.
func (s *stops) before(position uint64) stop {
	i := slices.IndexFunc(s.all, func(o stop) bool { return o.position >= position })
	if i < 0 {
		i = len(s.all)
	}
	return s.all[max(i-1, 0)]
}

// again is the state of a stop, for a replay that goes on from there.
func (s stop) again() (*memory.Store, error) {
	state := s.state.Clone()
	return state, engine.Leave(state)
}

// pastAt puts what had left the state by a stop into a past.
func (s *stops) pastAt(past *correlator.Past, at stop) {
	for _, d := range s.departed {
		if d.position <= at.position {
			past.Take(d.what)
		}
	}
}

func reachedBy(state *memory.Store) uint64 {
	p, err := state.Position()
	if err != nil {
		return 0 // it is closed, and nobody plays into it
	}
	return p.Seq
}
