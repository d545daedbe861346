package correlator

import (
	"maps"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// grantedSum is all that an approval granted, summed up by kind of access. It is
// the same whether it was made in one go or, by a job, in parts.
type grantedSum struct {
	Kinds map[events.AccessKind]kindSum `json:"kinds,omitempty"`
	// LastEnd is the last end, LastClaim the last that is only claimed.
	LastEnd   Time `json:"lastEnd,omitempty"`
	LastClaim Time `json:"lastClaim,omitempty"`
	// Sources are those of the accesses, sorted.
	Sources []string `json:"sources,omitempty"`
}

// kindSum sums up the stretches of one kind: how many there were, the last end,
// and the weakest basis of any.
type kindSum struct {
	Count  int    `json:"count"`
	End    Time   `json:"end"`
	EndLo  Time   `json:"endLo"`
	EndID  string `json:"endId,omitempty"`
	EndSeq uint64 `json:"endSeq,omitempty"`
	Basis  Basis  `json:"basis"`
	// Cause of the last end.
	Cause events.EndCause `json:"cause,omitempty"`
}

// due is when the seal may be said: all is over, and claims have stood for long
// enough.
func (g *grantedSum) due(end Time, unproven time.Duration) Time {
	due := max(end, g.LastEnd)
	if g.LastClaim != 0 {
		due = max(due, g.LastClaim.Add(unproven))
	}
	return due
}

// add takes one stretch in.
func (g *grantedSum) add(kind events.AccessKind, ep *Episode) {
	f, ok := g.Kinds[kind]
	if !ok {
		f.Basis = Verified
	}
	f.Count++
	if basisRank[ep.Basis] < basisRank[f.Basis] {
		f.Basis = ep.Basis
	}
	if ep.End > f.End || ep.End == f.End && ep.EndID >= f.EndID { // whatever came first
		f.End, f.EndLo, f.EndID, f.EndSeq, f.Cause = ep.End, ep.EndLo, ep.EndID, ep.EndSeq, ep.Cause
	}
	if g.Kinds == nil {
		g.Kinds = map[events.AccessKind]kindSum{}
	}
	g.Kinds[kind] = f
	g.LastEnd = max(g.LastEnd, ep.End)
	if ep.Basis == Claimed {
		g.LastClaim = max(g.LastClaim, ep.End)
	}
}

// sumGranted sums up what an approval granted. What the step's budget does not
// hold is summed up by a job, which has the approval judged again when it is done.
func (s *step) sumGranted(a *approval, end Time) (*grantedSum, bool) {
	switch {
	case a.Sum != nil:
		return a.Sum, true
	case a.Summing != 0:
		return nil, false
	case a.Granted > s.budget:
		s.addJob(job{Kind: jobSeal, Prefix: string(a.Key), Sum: a.Gone.clone()})
		a.Summing = s.meta.NextJob
		return nil, false
	}
	sum := a.Gone.clone()
	s.addGranted(sum, a, end, nil)
	return sum, true
}

// addGranted adds what the approval granted, from a key of its index on, within
// the budget; it returns where to go on, nil at the end.
func (s *step) addGranted(sum *grantedSum, a *approval, end Time, from []byte) (next []byte) {
	granted, next := s.grantedFrom(a.Key, from)
	for _, k := range granted {
		x := s.access(k)
		if x == nil {
			continue
		}
		s.heedClaims(x)
		kind := sum.heed(k)
		eps := s.withParents(x, x.episodesIn(s.scratch.episodes, s.now(), s.pol))
		s.scratch.episodes = eps[:0]
		for i := range eps {
			if s.causes(a.Key, x, &eps[i]) {
				sum.add(kind, &eps[i])
			}
		}
	}
	return next
}

// grantedFrom lists what an approval granted, from a key of its index on, within the
// budget; it returns where to go on, nil at the end.
func (s *step) grantedFrom(k approvalKey, from []byte) (granted []accessKey, next []byte) {
	list, known := s.list(indexGranted, string(k))
	if known && from == nil && len(list) <= s.budget {
		s.budget -= len(list)
		for _, entry := range list {
			granted = append(granted, accessKey(entry))
		}
		return granted, nil
	}
	prefix := prefixOf(indexGranted, string(k))
	s.st.Scan(prefix, from, func(k, _ []byte) bool {
		if s.budget <= 0 {
			next = slices.Clone(k)
			return false
		}
		s.budget--
		granted = append(granted, accessKey(k[len(prefix):]))
		return true
	})
	return granted, next
}

// heed takes in which source an access is of, and returns its kind.
func (g *grantedSum) heed(k accessKey) events.AccessKind {
	kind, source, _ := k.split()
	if i, found := slices.BinarySearch(g.Sources, source); !found {
		g.Sources = slices.Insert(g.Sources, i, source)
	}
	return kind
}

// addAll takes in the stretches of one access.
func (g *grantedSum) addAll(eps []Episode, k accessKey) {
	kind := g.heed(k)
	for i := range eps {
		g.add(kind, &eps[i])
	}
}

// clone is a sum to go on from.
func (g *grantedSum) clone() *grantedSum {
	out := &grantedSum{}
	if g != nil {
		*out = *g
		out.Kinds, out.Sources = maps.Clone(g.Kinds), slices.Clone(g.Sources)
	}
	return out
}

// stretchesOf are the stretches of an access that a window of the approval caused:
// a later one of the same access is somebody else's.
func (s *step) stretchesOf(k approvalKey, x *access) []Episode {
	var out []Episode
	eps := s.withParents(x, x.episodes(s.now(), s.pol))
	for i := range eps {
		if s.causes(k, x, &eps[i]) {
			out = append(out, eps[i])
		}
	}
	return out
}

// advanceSeal goes on summing up; the job's prefix is the approval's key.
func (s *step) advanceSeal(j *job) bool {
	a := s.approval(approvalKey(j.Prefix))
	if a == nil || a.Summing != j.Number {
		return true
	}
	s.changed[ownApproval+j.Prefix] = true
	st := a.fold()
	end := st.end()
	if a.Open == 0 && end <= s.now() {
		next := s.addGranted(j.Sum, a, end, []byte(j.Cursor))
		if next != nil {
			j.Cursor = string(next)
			return false
		}
		if !a.Outdated {
			a.Sum = j.Sum
		}
	}
	// Open again, or changed behind the job's back: whoever judges the approval
	// next sees whether there is something to sum up, and asks anew.
	a.Summing, a.Outdated = 0, false
	s.touch(ownApproval + j.Prefix)
	return true
}

// outdate drops what was summed up: it was of what has changed since.
func (a *approval) outdate() {
	a.Sum = nil
	a.Outdated = a.Summing != 0
}
