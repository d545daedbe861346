package correlator

import (
	"bytes"
	"slices"
	"sort"

	"github.com/overstay/overstay/events"
)

// linkAct is one statement that two ids are, or are no longer, one person.
type linkAct struct {
	T     Time      `json:"t"`
	On    bool      `json:"on"`
	A     events.ID `json:"a"` // the two ids as they were said
	B     events.ID `json:"b"`
	From  Time      `json:"from,omitempty"` // 0: from ever, or from T after an unlink
	Until Time      `json:"until,omitempty"`
	ID    string    `json:"id"`
	Alias bool      `json:"alias,omitempty"` // read from an alias set, not stated
}

// link is all that one asserter said about two ids, whatever their case.
type link struct {
	Acts []linkAct `json:"acts"`
}

// maxLinkActs bounds a link. maxLinkRun is how many equal statements are kept in a
// row: the first and the latest. An alias set comes with every record of a busy
// account; one of the latest is what an unlink that arrives late is followed by.
const (
	maxLinkActs = 64
	maxLinkRun  = 16
)

// add merges an act in.
func (l *link) add(n linkAct) bool {
	i := sort.Search(len(l.Acts), func(i int) bool {
		a := l.Acts[i]
		return a.T > n.T || a.T == n.T && a.ID >= n.ID
	})
	if i < len(l.Acts) && l.Acts[i].T == n.T && l.Acts[i].ID == n.ID {
		return false
	}
	all, pair := l.intervals(), l.of(n).intervals()
	l.Acts = slices.Insert(l.Acts, i, n)
	l.collapse()
	if len(l.Acts) > maxLinkActs {
		l.Acts = slices.Delete(l.Acts, 0, len(l.Acts)-maxLinkActs)
	}
	return !slices.Equal(all, l.intervals()) || !slices.Equal(pair, l.of(n).intervals())
}

// of is what was said of the two ids exactly as an act names them.
func (l *link) of(n linkAct) *link {
	var out link
	for _, a := range l.Acts {
		if a.A == n.A && a.B == n.B {
			out.Acts = append(out.Acts, a)
		}
	}
	return &out
}

// collapse drops the second of a run that has grown too long.
func (l *link) collapse() {
	run := 0
	for i, a := range l.Acts {
		if i == 0 || !a.repeats(l.Acts[i-1]) {
			run = 0
		}
		if run++; run > maxLinkRun {
			second := i - run + 2
			l.Acts = slices.Delete(l.Acts, second, second+1)
			return
		}
	}
}

func (a linkAct) plain() bool { return a.From == 0 && a.Until == 0 }

// repeats reports whether a says what b said.
func (a linkAct) repeats(b linkAct) bool {
	return a.plain() && b.plain() && a.On == b.On && a.A == b.A && a.B == b.B
}

// intervals is when the link holds.
func (l *link) intervals() []Interval {
	var out []Interval
	cut := false
	for _, a := range l.Acts {
		n := len(out)
		switch {
		case !a.On:
			cut = true
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
				if !cut {
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

// linksOf calls fn with each id that is linked to this one and what was said of
// the two by sources that the policy believes, until it returns false.
func (s *step) linksOf(id events.ID, fn func(other events.ID, l link) bool) {
	if list, known := s.list(indexLink, indexed(id)); known && len(list) == 0 {
		return
	}
	s.st.Scan(prefixOf(indexLink, indexed(id)), nil, func(k, v []byte) bool {
		var all link
		asserter := string(k[bytes.LastIndexByte(k, idSep[0])+1:])
		if !s.linksBelieved(asserter) || !decodeRecord(v, &all) {
			return true
		}
		var others []events.ID
		said := map[events.ID]link{}
		for _, act := range all.Acts {
			other := s.canonical(act.B)
			if other == id {
				other = s.canonical(act.A)
			} else if s.canonical(act.A) != id {
				continue
			}
			if _, known := said[other]; !known {
				others = append(others, other)
			}
			said[other] = link{append(said[other].Acts, act)}
		}
		for _, other := range others {
			if !fn(other, said[other]) {
				return false
			}
		}
		return true
	})
}

// linkIDs merges a statement about two ids and judges again what it touches.
func (s *step) linkIDs(a, b events.ID, asserter string, act linkAct) bool {
	if a == b || a == "" || b == "" {
		return false
	}
	s.bringPersonsUnder(a, b)
	act.A, act.B = min(a, b), max(a, b)
	k := key(indexLink, indexed(a), indexed(b), asserter)
	s.enlist(indexLink, indexed(a), indexed(b)+idSep+asserter)
	s.enlist(indexLink, indexed(b), indexed(a)+idSep+asserter)
	var l link
	if !decodeRecord(s.st.Get(k), &l) {
		s.expire(string(k), s.now().Add(identityFor))
	}
	changed := l.add(act)
	rec := encodeRecord(l)
	s.st.Put(k, rec)
	s.st.Put(key(indexLink, indexed(b), indexed(a), asserter), rec)
	if !changed {
		return false
	}
	s.markKind(indexLinkers, asserter)
	clear(s.persons)
	s.touchLinked(a, b)
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
