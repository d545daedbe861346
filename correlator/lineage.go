package correlator

import (
	"github.com/overstay/overstay/events"
)

// rootSubject is who holds the access in the end: a child without a subject of
// its own belongs to its parent's.
func (s *step) rootSubject(x *access) events.ID {
	for range maxLineage {
		if x.Subject != "" || len(x.Parents) == 0 {
			break
		}
		parent := s.access(x.Parents[0].Key)
		if parent == nil {
			break
		}
		x = parent
	}
	return x.Subject
}

// withParents ends what dies with its parent: only cascade edges carry death.
// That the child is gone is then a conclusion, no better than presumed.
func (s *step) withParents(x *access, eps []Episode) []Episode {
	return s.parentsDeath(x, eps, map[accessKey][]Episode{})
}

// parentsDeath follows the cascade edges up; known holds what was found on the
// way, so that each access is visited once, circles included.
func (s *step) parentsDeath(x *access, eps []Episode, known map[accessKey][]Episode) []Episode {
	known[x.Key] = eps
	n := len(eps)
	if n == 0 || len(known) > maxLineage {
		return eps
	}
	last := &eps[n-1]
	// What its source saw stands; an expiry of its own is only the latest that
	// it can have lived.
	if !last.Open() && last.Basis != Scheduled && last.Basis != Presumed {
		return eps
	}
	for _, p := range x.Parents {
		parent := s.access(p.Key)
		if p.Edge != events.EdgeCascade || parent == nil {
			continue
		}
		above, seen := known[p.Key]
		if !seen {
			above = s.parentsDeath(parent, parent.episodes(s.now(), s.pol), known)
		}
		if pe, ok := episodeAt(above, last.Start); ok && !pe.Open() && pe.End >= last.LastAlive && pe.End < last.End {
			last.dieWith(pe)
		}
	}
	return eps
}

// dieWith ends an episode with its parent's.
func (e *Episode) dieWith(parent Episode) {
	e.End, e.EndLo, e.Basis, e.Cause = parent.End, e.LastAlive, parent.Basis, events.CauseCascade
	e.EndID, e.EndSeq = parent.EndID, parent.EndSeq
	if basisRank[e.Basis] > basisRank[Presumed] {
		e.Basis = Presumed
	}
	if e.Basis == Claimed {
		e.Claim = e.End
	}
}
