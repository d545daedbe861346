package correlator

import (
	"slices"
	"strings"
	"time"

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

// Limits on what a source may have open: more than it ever takes at once, and
// parts for ten million accesses.
const (
	maxOpenSnapshots = 64
	maxSnapshotParts = 10_000
	// snapshotWithin is how long a snapshot may take from its beginning to its end:
	// after that its connector has begun another, or none.
	snapshotWithin = 24 * time.Hour
)

func snapHeadKey(source, id string) []byte { return key(keySnapshot, source, "head", id) }

func snapPartKey(source, id string, part int) []byte {
	return key(keySnapshot, source, "part", id, timeKey(Time(part)))
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
		if _, again := head.Parts[d.Index]; again || d.Index >= maxSnapshotParts {
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
	s.makeRoom(ev.Source, d)
	s.expire(string(k), s.now().Add(snapshotWithin))
	s.st.Put(k, encodeRecord(snapshotHead{Begin: *d, EventID: eventRef(ev), Parts: map[int]int{}}))
	return true
}

// makeRoom forgets unfinished snapshots of the same thing, since a connector that
// starts again begins a new one, and the oldest where too many are open. One that
// is being applied is finished.
func (s *step) makeRoom(source string, d *events.SnapshotBegin) {
	var open []events.SnapshotBegin
	s.st.Scan(snapHeadKey(source, ""), nil, func(_, v []byte) bool {
		var head snapshotHead
		if decodeRecord(v, &head) && !head.Applying {
			open = append(open, head.Begin)
		}
		return true
	})
	slices.SortStableFunc(open, func(a, b events.SnapshotBegin) int { return b.StartedAt.Compare(a.StartedAt) })
	left := 0
	for _, o := range open {
		if left >= maxOpenSnapshots-1 || snapScope(o.Kind, o.Scope) == snapScope(d.Kind, d.Scope) {
			s.dropSnapshot(source, o.SnapshotID)
			continue
		}
		left++
	}
}

// leaveSnapshot forgets a snapshot that never came to its end. One that is being
// applied is finished.
func (s *step) leaveSnapshot(owner string) {
	var head snapshotHead
	if !decodeRecord(s.st.Get([]byte(owner)), &head) || head.Applying {
		return
	}
	if source, _, ok := strings.Cut(owner[1:], idSep); ok {
		s.dropSnapshot(source, head.Begin.SnapshotID)
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

// endSnapshot sets the job going that checks a snapshot and applies it.
func (s *step) endSnapshot(ev events.Event, d *events.SnapshotEnd) bool {
	k := snapHeadKey(ev.Source, d.SnapshotID)
	var head snapshotHead
	if !decodeRecord(s.st.Get(k), &head) || head.Applying {
		return false
	}
	if len(head.Parts) != d.Parts {
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
		Scan: At(head.Begin.StartedAt), Prev: prev, Event: head.EventID, Phase: snapCheck,
		Parts: d.Parts, Count: d.Count, Hash: d.Hash,
	}}
	if !s.advance(&j) {
		s.addJob(j)
	}
	return true
}
