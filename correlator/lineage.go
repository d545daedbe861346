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
	if len(x.Parents) == 0 { // as most
		s.sourcesEnd(x, eps)
		return eps
	}
	return s.parentsDeath(x, eps, map[accessKey][]Episode{})
}

// parentsDeath follows the cascade edges up; known holds what was found on the
// way, so that each access is visited once, circles included.
func (s *step) parentsDeath(x *access, eps []Episode, known map[accessKey][]Episode) []Episode {
	known[x.Key] = eps
	s.sourcesEnd(x, eps)
	if len(eps) == 0 || len(known) > maxLineage {
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
		for i := range eps {
			if pe, ok := episodeAt(above, eps[i].Start); ok {
				eps[i].fallWith(pe)
			}
		}
	}
	return eps
}

// fallWith ends an episode with its parent's, unless it showed itself alive after.
// What its source saw stands; an expiry of its own is only the latest that it can
// have lived, and a claim that comes after only repeats it.
func (e *Episode) fallWith(parent *Episode) {
	if !e.Open() && basisRank[e.Basis] >= basisRank[Observed] {
		return
	}
	if e.FailedLast != 0 && e.FailedLast >= parent.End {
		return // what could not be revoked when its parent died has not died with it
	}
	if !parent.Open() && parent.End >= e.LastAlive && parent.End < e.End {
		e.dieWith(parent)
	}
}

// dieWith ends an episode with its parent's.
func (e *Episode) dieWith(parent *Episode) {
	e.End, e.EndLo, e.Basis, e.Cause = parent.End, e.LastAlive, parent.Basis, events.CauseCascade
	e.EndID, e.EndSeq = parent.EndID, parent.EndSeq
	if basisRank[e.Basis] > basisRank[Presumed] {
		e.Basis = Presumed
	}
	e.Claim = 0
	if e.Basis == Claimed {
		e.Claim = e.End
	}
}
