package correlator

import (
	"slices"
	"strconv"

	"github.com/overstay/overstay/events"
)

// snapshotHead is a snapshot from its beginning until it is applied or dropped.
type snapshotHead struct {
	Begin   events.SnapshotBegin `json:"begin"`
	EventID string               `json:"eventId"`
	Parts   map[int]int          `json:"parts"` // index -> items
	// Applying: it is complete, and a job works it through. Nothing but that job
	// touches it any more.
	Applying bool `json:"applying,omitempty"`
}

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
	Part   int               `json:"part"`
	Live   int               `json:"live"`
	Gone   int               `json:"gone"`
}

// snapshotPhase is how far a snapshot is applied.
type snapshotPhase string

const (
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

func snapHeadKey(source, id string) []byte { return key(keySnapshot, source, "head", id) }

func snapPartKey(source, id string, part int) []byte {
	return key(keySnapshot, source, "part", id, timeKey(Time(part)))
}

// heldSnapshot is one that would end too much, as it waits for a second opinion.
type heldSnapshot struct {
	Scan Time `json:"scan"`
	Gone int  `json:"gone"`
}

// snapScope names what a snapshot is of, for comparing with the former one.
func snapScope(kind events.AccessKind, sc events.Scope) string {
	return string(kind) + " " + sc.System + " " + sc.Resource + " " + sc.Role
}

func (s *step) applySnapshot(ev events.Event) bool {
	switch d := ev.Data.(type) {
	case *events.SnapshotBegin:
		return s.beginSnapshot(ev, d)
	case *events.SnapshotPart:
		k := snapHeadKey(ev.Source, d.SnapshotID)
		var head snapshotHead
		if !decodeRecord(s.st.Get(k), &head) || head.Applying {
			return false
		}
		if _, again := head.Parts[d.Index]; again {
			return false
		}
		head.Parts[d.Index] = len(d.Items)
		s.st.Put(k, encodeRecord(head))
		s.st.Put(snapPartKey(ev.Source, d.SnapshotID, d.Index), encodeRecord(d.Items))
		return true
	case *events.SnapshotEnd:
		return s.endSnapshot(ev, d)
	}
	return false
}

// beginSnapshot opens a snapshot, unless it is a copy of one that is open, being
// applied, or was applied before.
func (s *step) beginSnapshot(ev events.Event, d *events.SnapshotBegin) bool {
	k := snapHeadKey(ev.Source, d.SnapshotID)
	if s.st.Get(k) != nil {
		return false
	}
	if at, ok := s.source(ev.Source).Snapshots[snapScope(d.Kind, d.Scope)]; ok && At(d.StartedAt) == at {
		return false
	}
	s.dropOlderSnapshots(ev.Source, d)
	s.st.Put(k, encodeRecord(snapshotHead{Begin: *d, EventID: eventRef(ev), Parts: map[int]int{}}))
	return true
}

// dropOlderSnapshots forgets unfinished snapshots of the same thing: a connector
// that starts again begins a new one. One that is being applied is finished.
func (s *step) dropOlderSnapshots(source string, d *events.SnapshotBegin) {
	var old []string
	s.st.Scan(snapHeadKey(source, ""), nil, func(_, v []byte) bool {
		var head snapshotHead
		if decodeRecord(v, &head) && !head.Applying &&
			snapScope(head.Begin.Kind, head.Begin.Scope) == snapScope(d.Kind, d.Scope) {
			old = append(old, head.Begin.SnapshotID)
		}
		return true
	})
	for _, id := range old {
		s.dropSnapshot(source, id)
	}
}

// dropSnapshot forgets a snapshot at once and clears its parts away bit by bit.
func (s *step) dropSnapshot(source, id string) {
	s.st.Delete(snapHeadKey(source, id))
	j := job{Kind: jobSnapshot, Snap: &snapshotJob{Source: source, ID: id, Phase: snapClear}}
	if !s.advance(&j) {
		s.addJob(j)
	}
}

// endSnapshot checks that all of it arrived unaltered, then applies it.
func (s *step) endSnapshot(ev events.Event, d *events.SnapshotEnd) bool {
	k := snapHeadKey(ev.Source, d.SnapshotID)
	var head snapshotHead
	if !decodeRecord(s.st.Get(k), &head) || head.Applying {
		return false
	}
	if !s.wholeSnapshot(ev.Source, d, len(head.Parts)) {
		s.dropSnapshot(ev.Source, d.SnapshotID)
		return false
	}
	head.Applying = true
	s.st.Put(k, encodeRecord(head))
	prev, ok := s.source(ev.Source).Snapshots[snapScope(head.Begin.Kind, head.Begin.Scope)]
	if !ok {
		prev = Ever
	}
	j := job{Kind: jobSnapshot, Snap: &snapshotJob{
		Source: ev.Source, ID: d.SnapshotID, Kind: head.Begin.Kind, Scope: head.Begin.Scope,
		Scan: At(head.Begin.StartedAt), Prev: prev, Event: head.EventID, Phase: snapMark, Parts: d.Parts,
	}}
	if !s.advance(&j) {
		s.addJob(j)
	}
	return true
}

// wholeSnapshot reports whether all parts are there and give the stated hash.
func (s *step) wholeSnapshot(source string, d *events.SnapshotEnd, parts int) bool {
	if parts != d.Parts {
		return false
	}
	sum := events.NewSnapshotHash()
	for i := range d.Parts {
		var items []events.SnapshotItem
		if !decodeRecord(s.st.Get(snapPartKey(source, d.SnapshotID, i)), &items) {
			return false
		}
		for _, item := range items {
			sum.Add(item)
		}
	}
	return sum.Count() == d.Count && sum.Sum() == d.Hash
}

// advanceSnapshot goes through the phases within the budget. A snapshot whose
// head is gone has nothing to stand on: it ends nothing.
func (s *step) advanceSnapshot(j *job) bool {
	p := j.Snap
	if p.Phase != snapClear && s.st.Get(snapHeadKey(p.Source, p.ID)) == nil {
		p.Phase, j.Cursor = snapClear, ""
	}
	for s.budget > 0 {
		switch p.Phase {
		case snapMark:
			if p.Part >= p.Parts {
				p.Phase, j.Cursor = snapCount, ""
				continue
			}
			s.markPart(p)
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
				s.st.Delete(snapHeadKey(p.Source, p.ID))
				p.Phase = snapClear
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

// markPart notes the items of one part as alive at the scan. What no earlier
// evidence shows began between the former scan and this one.
func (s *step) markPart(p *snapshotJob) {
	var items []events.SnapshotItem
	decodeRecord(s.st.Get(snapPartKey(p.Source, p.ID, p.Part)), &items)
	for i, item := range items {
		id := item.ID
		if p.Kind == events.KindMembership {
			id = events.MembershipID(item.Subject, item.Scope, item.Path)
		}
		k := s.resolve(makeAccessKey(p.Kind, p.Source, id))
		known := s.access(k) != nil
		x := s.accessOrNew(k)
		a := act{T: p.Scan, Kind: actAlive, Seq: s.msg.Origin.Seq, ID: p.Event + "#" + strconv.Itoa(p.Part) + "." + strconv.Itoa(i)}
		eps := x.episodes(s.now())
		if !known || len(eps) == 0 || !eps[len(eps)-1].Open() {
			a.Kind, a.Lo = actStart, p.Prev
			if n := len(eps); n > 0 {
				a.Lo = max(a.Lo, eps[n-1].End)
			}
		}
		if item.Expiry != nil {
			a.Exp, a.ExpKind = At(item.Expiry.At), item.Expiry.Kind
		}
		x.introduce(stamp{rankSnapshot, p.Scan, a.ID}, item.Subject, item.Scope)
		x.Aliases = uniteIDs(x.Aliases, item.Aliases)
		x.addAct(a)
		s.indexAccess(x)
		s.markKind(indexSystem, item.Scope.System)
		for _, other := range item.Aliases {
			s.linkIDs(item.Subject, other, p.Source, linkAct{T: p.Scan, On: true, ID: p.Event, Alias: true})
		}
		s.touchAccess(k)
		s.budget--
	}
}

// sweep visits the accesses of the snapshot's kind and scope that live and were
// not evidenced after the scan began. What the scan showed is marked as alive at
// its beginning; gone is what was last evidenced before.
func (s *step) sweep(j *job, visit func(x *access, gone bool)) bool {
	p := j.Snap
	prefix := []byte(keyAccess + string(p.Kind) + partSep + p.Source + partSep)
	var keys []accessKey
	var next []byte
	s.st.Scan(prefix, []byte(j.Cursor), func(k, _ []byte) bool {
		if s.budget <= 0 {
			next = slices.Clone(k)
			return false
		}
		s.budget--
		keys = append(keys, accessKey(k[len(keyAccess):]))
		return true
	})
	for _, k := range keys {
		x := s.access(k)
		if x == nil || !scopeWithin(p.Scope, x.Scope) {
			continue
		}
		s.heedClaims(k)
		eps := x.episodes(s.now())
		if n := len(eps); n == 0 || !eps[n-1].Open() || eps[n-1].LastAlive > p.Scan {
			continue
		}
		visit(x, eps[len(eps)-1].LastAlive < p.Scan)
	}
	j.Cursor = string(next)
	return next == nil
}

// scopeWithin reports whether a scope lies in what a snapshot scanned.
func scopeWithin(scan, sc events.Scope) bool {
	return scan.System == sc.System && (scan.Resource == "" || scan.Resource == sc.Resource) &&
		(scan.Role == "" || scan.Role == sc.Role)
}

// endBySnapshot ends an access that a complete scan did not show: it ended
// between its last sign of life and the scan.
func (s *step) endBySnapshot(p *snapshotJob, x *access) {
	s.changed[ownAccess+string(x.Key)] = true
	eps := x.episodes(s.now())
	x.addAct(act{
		T: p.Scan, Lo: eps[len(eps)-1].LastAlive, Kind: actEnd, Basis: Observed, Cause: events.CauseSnapshot,
		ID: p.Event + "#gone", Seq: s.msg.Origin.Seq,
	})
	s.touchAccess(x.Key)
}
