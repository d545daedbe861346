package correlator

import (
	"slices"
	"sort"
	"strings"

	"github.com/overstay/overstay/events"
)

// maxPerson bounds the ids of one person. A larger group is a shared id that
// was not declared as one; what lies beyond the bound does not join.
const maxPerson = 256

// linkAct is one statement that two ids are, or are no longer, one person.
type linkAct struct {
	T     Time   `json:"t"`
	On    bool   `json:"on"`
	From  Time   `json:"from,omitempty"` // 0: from ever, or from T after an unlink
	Until Time   `json:"until,omitempty"`
	ID    string `json:"id"`
	Alias bool   `json:"alias,omitempty"` // read from an alias set, not stated
}

// link is all that one asserter said about two ids.
type link struct {
	Acts []linkAct `json:"acts"`
}

const maxLinkActs = 64

// add merges an act in. Runs of equal statements keep their first and last, so
// that an unlink in between, whenever it arrives, cuts at the right place.
func (l *link) add(n linkAct) bool {
	i := sort.Search(len(l.Acts), func(i int) bool {
		a := l.Acts[i]
		return a.T > n.T || a.T == n.T && a.ID >= n.ID
	})
	if i < len(l.Acts) && l.Acts[i].T == n.T && l.Acts[i].ID == n.ID {
		return false
	}
	before := l.intervals()
	l.Acts = slices.Insert(l.Acts, i, n)
	out := l.Acts[:0:0]
	for j, a := range l.Acts {
		inRun := j > 0 && j+1 < len(l.Acts) && l.Acts[j-1].plain() && a.plain() && l.Acts[j+1].plain() &&
			l.Acts[j-1].On == a.On && l.Acts[j+1].On == a.On
		if !inRun {
			out = append(out, a)
		}
	}
	if len(out) > maxLinkActs {
		out = out[len(out)-maxLinkActs:]
	}
	l.Acts = out
	return !slices.Equal(before, l.intervals())
}

func (a linkAct) plain() bool { return a.From == 0 && a.Until == 0 }

// intervals is when the link holds.
func (l *link) intervals() []Interval {
	var out []Interval
	for _, a := range l.Acts {
		n := len(out)
		switch {
		case !a.On:
			off := a.T
			if a.From != 0 {
				off = a.From // taken back as of then: it was never so since
			}
			for j := range out {
				out[j].To = min(out[j].To, max(off, out[j].From))
			}
		case n > 0 && out[n-1].To > a.T && a.plain():
			// already linked
		default:
			i := Interval{a.From, Forever}
			if a.From == 0 {
				i.From = a.T
				if n == 0 {
					i.From = Ever
				}
			}
			if a.Until != 0 {
				i.To = a.Until
			}
			out = append(out, i)
		}
	}
	return out
}

func (l *link) holds(at Time) bool {
	for _, i := range l.intervals() {
		if i.From <= at && at < i.To {
			return true
		}
	}
	return false
}

// anyTime asks for links whenever they held.
const anyTime Time = 0

// declare notes what a connector says of a realm.
func (m *meta) declare(r events.Realm) {
	if m.Realms == nil {
		m.Realms = map[string]events.Realm{}
	}
	if _, known := m.Realms[r.Name]; known || len(m.Realms) < 256 {
		m.Realms[r.Name] = r
	}
}

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

// canonical is the id as it is compared and indexed.
func (s *step) canonical(id events.ID) events.ID {
	if s.realm(id).FoldCase {
		return events.NewID(id.Realm(), strings.ToLower(id.Local()))
	}
	return id
}

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

// neighbours lists the edges of one id as of a time.
func (s *step) neighbours(id events.ID, at Time) []edge {
	var out []edge
	add := func(other events.ID, rank int) {
		other = s.canonical(other)
		if other == id || s.realm(other).Shared {
			return
		}
		a, b := min(id, other), max(id, other)
		out = append(out, edge{a, b, rank + s.realm(a).Rank + s.realm(b).Rank})
	}
	for _, l := range s.pol.Links {
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
		local := id.Local()
		if j.FoldCase {
			local = strings.ToLower(local)
		}
		for _, realm := range j.Realms {
			add(events.NewID(realm, local), rankJoin)
		}
	}
	prefix := prefixOf(indexLink, string(id))
	s.st.Scan(prefix, nil, func(k, v []byte) bool {
		var l link
		if !decodeRecord(v, &l) || len(l.Acts) == 0 || at != anyTime && !l.holds(at) {
			return true
		}
		other, _, _ := strings.Cut(string(k[len(prefix):]), idSep)
		rank := rankStated
		if l.Acts[0].Alias {
			rank = rankAlias
		}
		add(events.ID(other), rank)
		return len(out) < maxPerson
	})
	return out
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
	start := s.canonical(id)
	if at == 0 {
		at = s.now()
	}
	if p, ok := s.persons[personKey{start, at}]; ok {
		return p
	}
	ids, edges := s.reach(start, at)
	group := unionAnchored(ids, edges, func(id events.ID) string {
		if r := s.realm(id); r.Immutable {
			return r.Name
		}
		return ""
	})
	var out []events.ID
	for _, other := range ids {
		if group[other] == group[start] {
			out = append(out, other)
		}
	}
	slices.Sort(out)
	s.persons[personKey{start, at}] = out
	return out
}

// reach collects every id that can be reached over links, and the links.
// Shared ids have none; recyclable ones are reached but not passed through, so
// that a name given to somebody else does not join the two.
func (s *step) reach(start events.ID, at Time) ([]events.ID, []edge) {
	ids := []events.ID{start}
	seen := map[events.ID]bool{start: true}
	var edges []edge
	if s.realm(start).Shared {
		return ids, nil
	}
	for i := 0; i < len(ids) && len(ids) < maxPerson; i++ {
		if i > 0 && s.realm(ids[i]).Recyclable {
			continue
		}
		for _, e := range s.neighbours(ids[i], at) {
			edges = append(edges, e)
			for _, other := range []events.ID{e.A, e.B} {
				if !seen[other] && len(ids) < maxPerson {
					seen[other] = true
					ids = append(ids, other)
				}
			}
		}
	}
	return ids, edges
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

// linkIDs merges a statement about two ids and judges again what it touches.
func (s *step) linkIDs(a, b events.ID, asserter string, act linkAct) bool {
	a, b = s.canonical(a), s.canonical(b)
	if a == b || a == "" || b == "" {
		return false
	}
	k := key(indexLink, string(a), string(b), asserter)
	var l link
	decodeRecord(s.st.Get(k), &l)
	changed := l.add(act)
	rec := encodeRecord(l)
	s.st.Put(k, rec)
	s.st.Put(key(indexLink, string(b), string(a), asserter), rec)
	if !changed {
		return false
	}
	s.markKind(indexLinkers, asserter)
	clear(s.persons)
	s.touchPersons(a, b)
	return true
}

// aliases links a subject with the other ids of its record.
func (s *step) aliases(ev events.Event, subject events.ID, others []events.ID) bool {
	changed := false
	for _, o := range others {
		if o == subject || s.realm(o).Shared || s.realm(subject).Shared {
			continue
		}
		if s.linkIDs(subject, o, ev.Source, linkAct{T: At(ev.Time), On: true, ID: eventRef(ev), Alias: true}) {
			changed = true
		}
	}
	return changed
}

func (s *step) applyLink(ev events.Event, d *events.IdentityLink) bool {
	act := linkAct{T: At(ev.Time), On: ev.Type == events.IdentityLinked, From: At(d.From), Until: At(d.Until), ID: eventRef(ev)}
	return s.linkIDs(ev.Subject, d.Other, ev.Source, act)
}

// touchPersons judges again every access of everybody who is, or was, reachable
// from these ids.
func (s *step) touchPersons(ids ...events.ID) {
	var all []events.ID
	for _, id := range ids {
		reached, _ := s.reach(s.canonical(id), anyTime)
		all = unite(all, reached, func(x, y events.ID) bool { return x < y }, maxPerson)
	}
	for _, id := range all {
		s.touchAll(prefixOf(indexSubject, string(id)))
	}
}
