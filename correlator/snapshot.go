package correlator

import (
	"slices"
	"strconv"

	"github.com/overstay/overstay/events"
)

// snapshotHead is a snapshot while its parts arrive.
type snapshotHead struct {
	Begin   events.SnapshotBegin `json:"begin"`
	EventID string               `json:"eventId"`
	Parts   map[int]int          `json:"parts"` // index -> items
	Held    bool                 `json:"held,omitempty"`
}

// snapshotJob is a complete snapshot being applied, phase by phase.
type snapshotJob struct {
	Source string            `json:"source"`
	ID     string            `json:"id"`
	Kind   events.AccessKind `json:"kind"`
	Scope  events.Scope      `json:"scope"`
	Scan   Time              `json:"scan"` // when the scan began
	Prev   Time              `json:"prev"` // when the former one began, Ever for none
	Event  string            `json:"event"`
	Phase  string            `json:"phase"` // mark, count, end, clean
	Parts  int               `json:"parts"`
	Part   int               `json:"part"`
	Live   int               `json:"live"`
	Gone   int               `json:"gone"`
}

// A snapshot that would end more than heldShare percent of what is live, and
// more than heldCount, waits for a second one that agrees: a directory that
// answers half its entries must not close a company.
const (
	heldShare = 20
	heldCount = 50
)

func snapKey(source, id, part string) []byte {
	return []byte(keySnapshot + source + idSep + id + idSep + part)
}

// snapScope names what a snapshot is of, for comparing with the former one.
func snapScope(kind events.AccessKind, sc events.Scope) string {
	return string(kind) + " " + sc.System + " " + sc.Resource + " " + sc.Role
}

func (s *step) applySnapshot(ev events.Event) bool {
	switch d := ev.Data.(type) {
	case *events.SnapshotBegin:
		head := snapshotHead{Begin: *d, EventID: eventRef(ev), Parts: map[int]int{}}
		k := snapKey(ev.Source, d.SnapshotID, "head")
		if s.st.Get(k) != nil {
			return false
		}
		s.st.Put(k, encodeRecord(head))
		s.dropOlderSnapshots(ev.Source, d)
		return true
	case *events.SnapshotPart:
		k := snapKey(ev.Source, d.SnapshotID, "head")
		var head snapshotHead
		if !decodeRecord(s.st.Get(k), &head) {
			return false
		}
		if _, again := head.Parts[d.Index]; again {
			return false
		}
		head.Parts[d.Index] = len(d.Items)
		s.st.Put(k, encodeRecord(head))
		s.st.Put(snapKey(ev.Source, d.SnapshotID, "part"+timeKey(Time(d.Index))), encodeRecord(d.Items))
		return true
	case *events.SnapshotEnd:
		return s.endSnapshot(ev, d)
	}
	return false
}

// dropOlderSnapshots forgets unfinished snapshots of the same thing: a connector
// that starts again begins a new one.
func (s *step) dropOlderSnapshots(source string, d *events.SnapshotBegin) {
	var old []string
	prefix := []byte(keySnapshot + source + idSep)
	s.st.Scan(prefix, nil, func(k, v []byte) bool {
		var head snapshotHead
		if len(k) > 4 && string(k[len(k)-4:]) == "head" && decodeRecord(v, &head) &&
			head.Begin.SnapshotID != d.SnapshotID && !head.Held &&
			snapScope(head.Begin.Kind, head.Begin.Scope) == snapScope(d.Kind, d.Scope) {
			old = append(old, head.Begin.SnapshotID)
		}
		return true
	})
	for _, id := range old {
		s.dropSnapshot(source, id)
	}
}

func (s *step) dropSnapshot(source, id string) {
	var keys [][]byte
	s.st.Scan(snapKey(source, id, ""), nil, func(k, _ []byte) bool {
		keys = append(keys, slices.Clone(k))
		return true
	})
	for _, k := range keys {
		s.st.Delete(k)
	}
}

// endSnapshot checks that all of it arrived unaltered, then applies it.
func (s *step) endSnapshot(ev events.Event, d *events.SnapshotEnd) bool {
	var head snapshotHead
	if !decodeRecord(s.st.Get(snapKey(ev.Source, d.SnapshotID, "head")), &head) {
		return false
	}
	sum := events.NewSnapshotHash()
	for i := range d.Parts {
		var items []events.SnapshotItem
		if !decodeRecord(s.st.Get(snapKey(ev.Source, d.SnapshotID, "part"+timeKey(Time(i)))), &items) {
			s.dropSnapshot(ev.Source, d.SnapshotID)
			return false
		}
		for _, item := range items {
			sum.Add(item)
		}
	}
	if sum.Count() != d.Count || sum.Sum() != d.Hash || len(head.Parts) != d.Parts {
		s.dropSnapshot(ev.Source, d.SnapshotID)
		return false
	}
	r := s.source(ev.Source)
	prev, ok := r.Snapshots[snapScope(head.Begin.Kind, head.Begin.Scope)]
	if !ok {
		prev = Ever
	}
	j := job{Kind: jobSnapshot, Snap: &snapshotJob{
		Source: ev.Source, ID: d.SnapshotID, Kind: head.Begin.Kind, Scope: head.Begin.Scope,
		Scan: At(head.Begin.StartedAt), Prev: prev, Event: head.EventID, Phase: "mark", Parts: d.Parts,
	}}
	if !s.advance(&j) {
		s.addJob(j)
	}
	return true
}

// advanceSnapshot goes through the phases within the budget.
func (s *step) advanceSnapshot(j *job) bool {
	p := j.Snap
	for s.budget > 0 {
		switch p.Phase {
		case "mark":
			if p.Part >= p.Parts {
				p.Phase, j.Cursor = "count", ""
				continue
			}
			s.markPart(p)
			p.Part++
		case "count":
			if !s.sweep(j, func(x *access, gone bool) {
				p.Live++
				if gone {
					p.Gone++
				}
			}) {
				return false
			}
			if p.Gone > heldCount && p.Gone*100 > p.Live*heldShare && !s.secondOpinion(p) {
				return true
			}
			p.Phase, j.Cursor = "end", ""
		case "end":
			if !s.sweep(j, func(x *access, gone bool) {
				if gone {
					s.endBySnapshot(p, x)
				}
			}) {
				return false
			}
			r := s.sourceOrNew(p.Source)
			if r.Snapshots == nil {
				r.Snapshots = map[string]Time{}
			}
			k := snapScope(p.Kind, p.Scope)
			r.Snapshots[k] = max(r.Snapshots[k], p.Scan)
			r.cover(p.Scan)
			r.Quarantined = 0 // whatever was unreadable is now seen
			s.dropSnapshot(p.Source, p.ID)
			delete(r.Snapshots, "held "+k)
			return true
		}
	}
	return false
}

// secondOpinion reports whether an earlier held snapshot found the same; if not
// this one is remembered and nothing ends yet.
func (s *step) secondOpinion(p *snapshotJob) bool {
	r := s.sourceOrNew(p.Source)
	if r.Snapshots == nil {
		r.Snapshots = map[string]Time{}
	}
	k := "held " + snapScope(p.Kind, p.Scope)
	gone := Time(p.Gone)
	before, held := r.Snapshots[k]
	r.Snapshots[k] = gone
	if held && before > 0 && gone >= before-before/10 {
		return true
	}
	s.dropSnapshot(p.Source, p.ID)
	return false
}

// markPart notes the items of one part as alive at the scan. What no earlier
// evidence shows began between the former scan and this one.
func (s *step) markPart(p *snapshotJob) {
	var items []events.SnapshotItem
	decodeRecord(s.st.Get(snapKey(p.Source, p.ID, "part"+timeKey(Time(p.Part)))), &items)
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
		s.st.Put(snapKey(p.Source, p.ID, "seen"+string(k)), []byte{})
		s.touchAccess(k)
		s.budget--
	}
}

// sweep visits the live accesses of the snapshot's kind and scope that were last
// evidenced before the scan began; gone says that the scan did not show them.
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
		eps := x.episodes(s.now())
		if n := len(eps); n == 0 || !eps[n-1].Open() || eps[n-1].LastAlive > p.Scan {
			continue
		}
		visit(x, s.st.Get(snapKey(p.Source, p.ID, "seen"+string(k))) == nil)
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
