package correlator

import (
	"maps"
	"slices"

	"github.com/overstay/overstay/events"
)

// unresolved is what keeps an access from being anybody's.
type unresolved struct {
	// Anchors are ids that are different persons for certain, and that the subject
	// is linked to all the same; none: it is linked to nobody.
	Anchors []events.ID
	// Waiting is an approval for the same right that nobody has used, "" for none.
	Waiting approvalKey
}

// unresolvedSubject says whether the subject of an access joins to nobody, or would
// join two persons. Ids that stand for nobody or for a program are as they should
// be; so is what came from another access, whose holder it has.
func (s *step) unresolvedSubject(x *access, at Time) *unresolved {
	id := x.Subject
	if id == "" || len(x.Parents) > 0 || s.realm(id).Shared || s.workload(id) {
		return nil
	}
	if anchors := s.anchors(id, at); len(anchors) > 0 {
		return &unresolved{Anchors: anchors}
	}
	if len(s.person(id, at)) > 1 || s.accountOf(id) != nil || s.consumer(id) {
		return nil
	}
	return &unresolved{}
}

// consumer reports whether any approval names the id as a user of it.
func (s *step) consumer(id events.ID) bool {
	found := false
	s.each(indexConsumer, indexed(s.canonical(id)), func(k string) bool {
		a := s.approval(approvalKey(k))
		if a == nil {
			return true
		}
		st := a.fold()
		found = slices.ContainsFunc(st.consumerIDs(), func(o events.ID) bool { return s.canonical(o) == s.canonical(id) })
		return !found
	})
	return found
}

// knownUsers says of all whom an approval names, by a new act or until now, whether any
// approval makes them somebody.
func (s *step) knownUsers(a *approval, act approvalAct) map[events.ID]bool {
	if !s.enabled(&ruleUnresolved) {
		return nil
	}
	known := map[events.ID]bool{}
	for _, id := range slices.Concat(a.Indexed, act.Consumers, []events.ID{act.Requester}) {
		if id != "" {
			known[id] = s.consumer(id)
		}
	}
	return known
}

// touchNewlyKnown judges what those hold who have become somebody, or nobody, since.
func (s *step) touchNewlyKnown(known map[events.ID]bool) {
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if s.consumer(id) != known[id] {
			s.touchAll(indexSubject, indexed(id))
		}
	}
}

// anchors lists the ids of one immutable realm that an id is linked to, not over
// another person's anchor, where there are two or more.
func (s *step) anchors(id events.ID, at Time) []events.ID {
	start := s.canonical(id)
	if s.realm(start).Immutable {
		return nil
	}
	ids, byRealm := []events.ID{start}, map[string][]events.ID{}
	for i := 0; i < len(ids) && len(ids) < maxPerson; i++ {
		r := s.realm(ids[i])
		if r.Immutable {
			byRealm[r.Name] = append(byRealm[r.Name], ids[i])
			continue
		}
		if i > 0 && r.Recyclable {
			continue
		}
		near, _ := s.neighbours(ids[i], at)
		for _, e := range near {
			for _, other := range []events.ID{e.A, e.B} {
				if !slices.Contains(ids, other) {
					ids = append(ids, other)
				}
			}
		}
	}
	var out []events.ID
	for _, all := range byRealm {
		if len(all) > 1 {
			out = append(out, all...)
		}
	}
	slices.Sort(out)
	return out
}

// maxWaiting bounds the unused approvals that are looked at for one access.
const maxWaiting = 256

// waitingFor finds an approval that nobody has used, for a right that a stretch
// began to be held in its window.
func (s *step) waitingFor(x *access, ep *Episode) approvalKey {
	prefix := prefixOf(indexUnused, x.Scope.System)
	var found approvalKey
	seen, held := 0, s.rightOf(x)
	s.st.Scan(prefix, append(slices.Clone(prefix), timeKey(ep.Start)...), func(k, _ []byte) bool {
		key := approvalKey(k[len(prefix)+8:])
		a := s.approval(key)
		if a == nil || a.Granted > 0 {
			return true
		}
		windows := a.fold().Windows
		for i := range windows {
			w := &windows[i]
			if beganWithin(ep, w) && s.rights.match(s.pol, s.rightsOf(a, w.Scopes), held) == fullMatch && (found == "" || key < found) {
				found = key
			}
		}
		seen++
		return seen < maxWaiting
	})
	return found
}

// setUnresolved lists an access that is nobody's by its system, so that it is judged
// when an approval there is used, or is not.
func (s *step) setUnresolved(x *access, system string) {
	if x.Unresolved == system {
		return
	}
	if x.Unresolved != "" {
		s.delist(indexUnresolved, x.Unresolved, string(x.Key))
	}
	if system != "" {
		s.enlist(indexUnresolved, system, string(x.Key))
	}
	x.Unresolved = system
}

// setUnused lists an approval that nobody has used by the systems of its right and
// its end.
func (s *step) setUnused(a *approval, st *approvalState) {
	var now []string
	end := st.end()
	if s.enabled(&ruleUnresolved) && a.Granted == 0 && end != 0 {
		now = s.systemsOf(st.Scopes)
	}
	if slices.Equal(now, a.Unused) && (end == a.UnusedUntil || now == nil) {
		return
	}
	for _, system := range a.Unused {
		s.delist(indexUnused, system, timeKey(a.UnusedUntil)+string(a.Key))
		s.touchAll(indexUnresolved, system)
	}
	for _, system := range now {
		s.enlist(indexUnused, system, timeKey(end)+string(a.Key))
		s.touchAll(indexUnresolved, system)
	}
	a.Unused, a.UnusedUntil = now, end
}
