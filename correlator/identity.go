package correlator

import (
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// maxPerson bounds the ids of one person. A larger group is a shared id that
// was not declared as one; what lies beyond the bound does not join.
const maxPerson = 256

// anyTime asks for links whenever they held.
const anyTime Time = 0

// realm is what is declared of an id's realm; policy wins over connectors.
func (s *step) realm(id events.ID) events.Realm {
	name := id.Realm()
	if r, ok := s.pol.Realms[name]; ok {
		return r
	}
	if r, ok := s.meta.Realms[name]; ok {
		return r
	}
	return events.Realm{Name: name}
}

// canonical is the id as it is compared. A join that folds case folds its realms
// altogether: else it would join in one direction only.
func (s *step) canonical(id events.ID) events.ID {
	if s.foldsCase(id) {
		return lowered(id)
	}
	return id
}

// foldsCase reports whether case does not count in the id.
func (s *step) foldsCase(id events.ID) bool {
	return s.realm(id).FoldCase || slices.ContainsFunc(s.pol.Joins, func(j Join) bool { return j.FoldCase && slices.Contains(j.Realms, id.Realm()) })
}

func lowered(id events.ID) events.ID {
	local := id.Local()
	if low := strings.ToLower(local); low != local {
		return events.NewID(id.Realm(), low)
	}
	return id
}

// indexed is the id as it is indexed: without case, so that what was read before
// a policy or a connector said that case does not count is found behind it.
// Whoever scans an index compares.
func indexed(id events.ID) string { return string(lowered(id)) }

// edge joins two ids with a rank: lower is believed first.
type edge struct {
	A, B events.ID
	Rank int
}

func (e edge) less(o edge) bool {
	if e.Rank != o.Rank {
		return e.Rank < o.Rank
	}
	if e.A != o.A {
		return e.A < o.A
	}
	return e.B < o.B
}

// The ranks of where a link comes from; the realms' own ranks order within.
const (
	rankPolicyLink = 0
	rankJoin       = 1000
	rankStated     = 2000
	rankAlias      = 3000
)

// neighbours lists the edges of one id as of a time, and says whether they are those
// of all times.
func (s *step) neighbours(id events.ID, at Time) (out []edge, always bool) {
	links, known := s.list(indexLink, indexed(id))
	always = known && len(links) == 0
	add := func(other events.ID, rank int) {
		other = s.canonical(other)
		if other == id || s.realm(other).Shared {
			return
		}
		a, b := min(id, other), max(id, other)
		out = append(out, edge{a, b, rank + s.realm(a).Rank + s.realm(b).Rank})
	}
	for _, l := range s.pol.Links {
		always = always && l.From == 0 && l.Until == 0
		if at != anyTime && (at < l.From || l.Until != 0 && at >= l.Until) {
			continue
		}
		switch id {
		case s.canonical(l.A):
			add(l.B, rankPolicyLink)
		case s.canonical(l.B):
			add(l.A, rankPolicyLink)
		}
	}
	for _, j := range s.pol.Joins {
		if !slices.Contains(j.Realms, id.Realm()) {
			continue
		}
		for _, realm := range j.Realms {
			add(events.NewID(realm, id.Local()), rankJoin)
		}
	}
	s.linksOf(id, func(other events.ID, l link) bool {
		if at != anyTime && !l.holds(at) {
			return true
		}
		rank := rankStated
		if l.Acts[0].Alias {
			rank = rankAlias
		}
		add(other, rank)
		return len(out) < maxPerson
	})
	return out, always
}

type personKey struct {
	id events.ID
	at Time
}

// person lists the ids that are one person with this id at a time, sorted, the
// id itself included. Edges are taken best rank first and refused where they
// would join two ids of one immutable realm: two anchors are two persons.
func (s *step) person(id events.ID, at Time) []events.ID {
	if id == "" {
		return nil
	}
	if k, ok := s.alwaysOne(id); ok { // asked for by a canonical id, as most are
		return k.person
	}
	start := s.canonical(id)
	if at == 0 {
		at = s.now()
	}
	if k, ok := s.alwaysOne(start); ok {
		return k.person
	}
	if p, ok := s.persons[personKey{start, at}]; ok {
		return p
	}
	k, always := s.kinOf(start, at)
	if !always {
		s.persons[personKey{start, at}] = k.person
	}
	return k.person
}

// kin is who can be reached from an id over links, and who of them is one person
// with it.
type kin struct{ reached, person []events.ID }

// kinOf finds out who an id's kin are at a time, and whether at all times.
func (s *step) kinOf(start events.ID, at Time) (k kin, always bool) {
	ids, edges, always := s.reach(start, at)
	group := unionAnchored(ids, edges, func(id events.ID) string {
		if r := s.realm(id); r.Immutable {
			return r.Name
		}
		return ""
	})
	for _, other := range ids {
		if group[other] == group[start] {
			k.person = append(k.person, other)
		}
	}
	slices.Sort(k.person)
	k.reached = ids
	if always {
		s.people.put(start, k)
	}
	return k, always
}

// alwaysOne is who the kin of an id are at all times, as far as that was asked before
// under this policy: nobody whom a dated link concerns.
func (s *step) alwaysOne(id events.ID) (kin, bool) {
	if s.peopleBy != s.pol {
		s.forgetPeople()
		s.peopleBy = s.pol
	}
	return s.people.get(id)
}

// forgetPeople has who is one person be found out anew.
func (w *Working) forgetPeople() { w.people = newRecent[events.ID, kin](nil) }

// reach collects every id that can be reached over links, and the links, and says
// whether they are those of all times.
// Shared ids have none; recyclable ones are reached but not passed through, so
// that a name given to somebody else does not join the two.
func (s *step) reach(start events.ID, at Time) (ids []events.ID, edges []edge, always bool) {
	ids = []events.ID{start}
	if s.realm(start).Shared {
		return ids, nil, true
	}
	always = true
	seen := map[events.ID]bool{start: true}
	for i := 0; i < len(ids) && len(ids) < maxPerson; i++ {
		if i > 0 && s.realm(ids[i]).Recyclable {
			continue
		}
		near, same := s.neighbours(ids[i], at)
		always = always && same
		for _, e := range near {
			edges = append(edges, e)
			for _, other := range [...]events.ID{e.A, e.B} {
				if !seen[other] && len(ids) < maxPerson {
					seen[other] = true
					ids = append(ids, other)
				}
			}
		}
	}
	return ids, edges, always
}

// unionAnchored groups ids along edges, best first, never putting two ids with
// the same anchor realm into one group.
func unionAnchored(ids []events.ID, edges []edge, anchorRealm func(events.ID) string) map[events.ID]int {
	group := map[events.ID]int{}
	anchors := map[int]map[string]events.ID{}
	members := map[int][]events.ID{}
	for i, id := range ids {
		group[id], members[i], anchors[i] = i, []events.ID{id}, map[string]events.ID{}
		if r := anchorRealm(id); r != "" {
			anchors[i][r] = id
		}
	}
	slices.SortFunc(edges, func(a, b edge) int {
		switch {
		case a.less(b):
			return -1
		case b.less(a):
			return 1
		}
		return 0
	})
	for _, e := range edges {
		a, okA := group[e.A]
		b, okB := group[e.B]
		if !okA || !okB || a == b || clash(anchors[a], anchors[b]) {
			continue
		}
		for _, id := range members[b] {
			group[id] = a
		}
		members[a] = append(members[a], members[b]...)
		for r, id := range anchors[b] {
			anchors[a][r] = id
		}
	}
	return group
}

func clash(a, b map[string]events.ID) bool {
	for r, id := range a {
		if other, ok := b[r]; ok && other != id {
			return true
		}
	}
	return false
}

// touchPersons judges again every access of everybody who is, or was, reachable
// from these ids.
func (s *step) touchPersons(ids ...events.ID) {
	for _, id := range s.everLinked(ids) {
		s.touchAll(indexSubject, indexed(id))
	}
}

// touchLinked does so where it has changed who is who; then every approval that
// they decided on and every account that they own is judged again as well.
func (s *step) touchLinked(ids ...events.ID) {
	for _, id := range s.everLinked(ids) {
		s.touchAll(indexSubject, indexed(id))
		s.touchAll(indexDecider, indexed(id))
		s.touchAll(indexOwned, indexed(id))
	}
}

// everLinked is everybody who is, or was, reachable from these ids.
func (s *step) everLinked(ids []events.ID) []events.ID {
	var all []events.ID
	for _, id := range ids {
		start := s.canonical(id)
		k, known := s.alwaysOne(start)
		if !known {
			k, _ = s.kinOf(start, anyTime)
		}
		reached := k.reached
		all = unite(all, reached, func(x, y events.ID) bool { return x < y }, maxPerson)
	}
	return all
}
