package correlator

import (
	"slices"
	"strconv"

	"github.com/overstay/overstay/events"
)

// snapshotJob is a complete snapshot being applied, phase by phase, or one that
// was dropped being cleared away.
type snapshotJob struct {
	Source string            `json:"source"`
	ID     string            `json:"id"`
	Kind   events.AccessKind `json:"kind"`
	Scope  events.Scope      `json:"scope"`
	Scan   Time              `json:"scan"` // when the scan began
	Prev   Time              `json:"prev"` // when the former one began, Ever for none
	Event  string            `json:"event"`
	Phase  snapshotPhase     `json:"phase"`
	Parts  int               `json:"parts"`
	Part   int               `json:"part"`  // the next one
	Count  int               `json:"count"` // as its end states
	Hash   string            `json:"hash"`
	Sum    []byte            `json:"sum,omitempty"` // of the parts checked so far
	Live   int               `json:"live"`
	Gone   int               `json:"gone"`
}

// snapshotPhase is how far a snapshot is applied.
type snapshotPhase string

const (
	snapCheck snapshotPhase = "check" // all of it is there, unaltered
	snapMark  snapshotPhase = "mark"  // what it shows is alive
	snapCount snapshotPhase = "count" // how much would end
	snapEnd   snapshotPhase = "end"   // what it does not show has ended
	snapClear snapshotPhase = "clear" // its parts are not needed any more
)

// A snapshot that would end more than heldShare percent of what is live, and
// more than heldCount, waits for a second one that agrees: a directory that
// answers half its entries must not close a company.
const (
	heldShare = 20
	heldCount = 50
)

// heldSnapshot is one that would end too much, as it waits for a second opinion.
type heldSnapshot struct {
	Scan Time `json:"scan"`
	Gone int  `json:"gone"`
}

// advanceSnapshot goes through the phases within the budget. A snapshot whose
// head is gone has nothing to stand on: it ends nothing.
func (s *step) advanceSnapshot(j *job) bool {
	p := j.Snap
	if p.Phase != snapClear && s.st.Get(snapHeadKey(p.Source, p.ID)) == nil {
		s.abandonSnapshot(j)
	}
	for s.budget > 0 {
		switch p.Phase {
		case snapCheck:
			if whole, done := s.checkPart(p); !done {
				continue
			} else if !whole {
				s.abandonSnapshot(j)
				continue
			}
			p.Phase, p.Part, p.Sum = snapMark, 0, nil
		case snapMark:
			if p.Part >= p.Parts {
				p.Phase, j.Cursor = snapCount, ""
				continue
			}
			items, ok := s.snapshotPart(p)
			if !ok {
				s.abandonSnapshot(j)
				continue
			}
			s.markPart(p, items)
			p.Part++
		case snapCount:
			if !s.sweep(j, func(x *access, gone bool) {
				p.Live++
				if gone {
					p.Gone++
				}
			}) {
				return false
			}
			p.Phase, j.Cursor = snapEnd, ""
			if p.Gone > heldCount && p.Gone*100 > p.Live*heldShare && !s.secondOpinion(p) {
				s.abandonSnapshot(j)
			}
		case snapEnd:
			if !s.sweep(j, func(x *access, gone bool) {
				if gone {
					s.endBySnapshot(p, x)
				}
			}) {
				return false
			}
			s.appliedSnapshot(p)
			p.Phase, j.Cursor = snapClear, ""
		case snapClear:
			return s.clearSnapshot(p)
		}
	}
	return false
}

// abandonSnapshot forgets a snapshot in the middle of its job, and ends nothing
// more by it.
func (s *step) abandonSnapshot(j *job) {
	s.st.Delete(snapHeadKey(j.Snap.Source, j.Snap.ID))
	j.Snap.Phase, j.Cursor = snapClear, ""
}

// checkPerItem is how many items are checked for what it costs to judge one.
const checkPerItem = 8

// checkPart adds the next part to the sum; whole says, once all are done, that
// they give what the snapshot's end stated.
func (s *step) checkPart(p *snapshotJob) (whole, done bool) {
	sum := events.NewSnapshotHash()
	if p.Sum != nil && sum.UnmarshalBinary(p.Sum) != nil {
		return false, true
	}
	if p.Part >= p.Parts {
		return sum.Count() == p.Count && sum.Sum() == p.Hash, true
	}
	items, ok := s.snapshotPart(p)
	if !ok {
		return false, true
	}
	for _, item := range items {
		sum.Add(item)
	}
	state, err := sum.MarshalBinary()
	if err != nil {
		return false, true
	}
	s.budget -= 1 + len(items)/checkPerItem
	p.Part, p.Sum = p.Part+1, state
	return false, false
}

// snapshotPart reads the next part.
func (s *step) snapshotPart(p *snapshotJob) (items []events.SnapshotItem, ok bool) {
	ok = decodeRecord(s.st.Get(snapPartKey(p.Source, p.ID, p.Part)), &items)
	return items, ok
}

// appliedSnapshot notes that a snapshot is worked through.
func (s *step) appliedSnapshot(p *snapshotJob) {
	r := s.sourceOrNew(p.Source)
	if r.Snapshots == nil {
		r.Snapshots = map[string]Time{}
	}
	k := snapScope(p.Kind, p.Scope)
	r.Snapshots[k] = max(r.Snapshots[k], p.Scan)
	r.cover(p.Scan)
	r.Quarantined = 0 // whatever was unreadable is now seen
	delete(r.Held, k)
	s.st.Delete(snapHeadKey(p.Source, p.ID))
}

// clearSnapshot deletes what is left of a snapshot, within the budget.
func (s *step) clearSnapshot(p *snapshotJob) bool {
	var keys [][]byte
	more := false
	prefix := append(key(keySnapshot, p.Source, "part", p.ID), idSep...)
	s.st.Scan(prefix, nil, func(k, _ []byte) bool {
		if more = s.budget <= 0; more {
			return false
		}
		s.budget--
		keys = append(keys, slices.Clone(k))
		return true
	})
	for _, k := range keys {
		s.st.Delete(k)
	}
	return !more
}

// secondOpinion reports whether an earlier held snapshot found the same; if not
// this one is remembered and nothing ends yet. A copy of it is no second opinion.
func (s *step) secondOpinion(p *snapshotJob) bool {
	r := s.sourceOrNew(p.Source)
	k := snapScope(p.Kind, p.Scope)
	before, held := r.Held[k]
	if held && p.Scan > before.Scan && p.Gone >= before.Gone-before.Gone/10 {
		return true
	}
	if !held || p.Scan > before.Scan {
		if r.Held == nil {
			r.Held = map[string]heldSnapshot{}
		}
		r.Held[k] = heldSnapshot{p.Scan, p.Gone}
	}
	return false
}

// markPart notes the items of one part as alive at the scan.
func (s *step) markPart(p *snapshotJob, items []events.SnapshotItem) {
	for i, item := range items {
		id := item.ID
		if p.Kind == events.KindMembership {
			id = events.MembershipID(item.Subject, item.Scope, item.Path)
		}
		k := s.resolve(makeAccessKey(p.Kind, p.Source, id))
		x := s.accessSeen(k, p.Scan)
		if x == nil {
			continue // it has ended since, and that is long known
		}
		a := p.sighting(x.episodes(s.now(), s.pol))
		a.Seq, a.ID = s.msg.Origin.Seq, p.Event+"#"+strconv.Itoa(p.Part)+"."+strconv.Itoa(i)
		if item.Expiry != nil {
			a.Exp, a.ExpKind = At(item.Expiry.At), item.Expiry.Kind
		}
		x.introduce(stamp{rankSnapshot, p.Scan, a.ID}, item.Subject, item.Scope)
		x.Aliases = uniteIDs(x.Aliases, item.Aliases)
		s.learn(x, a)
		s.indexAccess(x)
		s.seeSystem(item.Scope.System)
		for _, other := range item.Aliases {
			s.linkIDs(item.Subject, other, p.Source, linkAct{T: p.Scan, On: true, ID: p.Event, Alias: true})
		}
		s.touchAccess(k)
		s.budget--
	}
}

// sighting is what the scan says of an access that it showed: that it was alive,
// an end that was only claimed notwithstanding, or, where no stretch of it is known
// at that time, that one began between the former scan, or the end of the last
// stretch, and this scan.
func (p *snapshotJob) sighting(eps []Episode) act {
	lo := p.Prev
	for i, ep := range eps {
		claimed := ep.Basis == Claimed && i == len(eps)-1
		if ep.Start <= p.Scan && (p.Scan < ep.End || claimed) {
			return act{T: p.Scan, Kind: actAlive}
		}
		if ep.End <= p.Scan {
			lo = max(lo, ep.End)
		}
	}
	return act{T: p.Scan, Kind: actStart, Lo: lo}
}

// sweep visits the accesses of the snapshot's kind and scope that live and were
// not evidenced after the scan began. What the scan showed is marked as alive at
// its beginning; gone is what was last evidenced before.
func (s *step) sweep(j *job, visit func(x *access, gone bool)) bool {
	p := j.Snap
	prefix := []byte(keyAccess + string(p.Kind) + partSep + p.Source + partSep)
	var owners []string
	s.st.Scan(prefix, []byte(j.Cursor), func(k, _ []byte) bool {
		owners = append(owners, string(k))
		return len(owners) <= s.budget
	})
	for _, owner := range owners {
		if s.budget <= 0 {
			j.Cursor = owner
			return false
		}
		s.budget--
		x := s.access(accessKey(owner[1:]))
		if x == nil || !scopeWithin(p.Scope, x.Scope) {
			continue
		}
		s.budget -= s.weightOf(owner) - 1
		s.heedClaims(x)
		eps := x.episodes(s.now(), s.pol)
		if n := len(eps); n == 0 || !eps[n-1].Open() || eps[n-1].LastAlive > p.Scan {
			continue
		}
		visit(x, eps[len(eps)-1].LastAlive < p.Scan)
	}
	j.Cursor = ""
	return true
}

// scopeWithin reports whether a scope lies in what a snapshot scanned.
func scopeWithin(scan, sc events.Scope) bool {
	return scan.System == sc.System && (scan.Resource == "" || scan.Resource == sc.Resource) &&
		(scan.Role == "" || scan.Role == sc.Role)
}

// endBySnapshot ends an access that a complete scan did not show: it ended
// between its last sign of life and the scan.
func (s *step) endBySnapshot(p *snapshotJob, x *access) {
	s.bringUnder(ownAccess + string(x.Key))
	s.changed[ownAccess+string(x.Key)] = true
	eps := x.episodes(s.now(), s.pol)
	last := eps[len(eps)-1]
	s.learn(x, act{
		T: p.Scan, Lo: last.LastAlive, Of: last.newest, Kind: actEnd, Basis: Observed, Cause: events.CauseSnapshot,
		ID: p.Event + "#gone", Seq: s.msg.Origin.Seq,
	})
	s.touchAccess(x.Key)
}
