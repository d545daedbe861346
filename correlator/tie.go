package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// TieView is why two ids are one person.
type TieView struct {
	A, B events.ID
	// By is what says so: "policy" for a link or a join in it, else the "source|id" of
	// the event, which names both in one record where Alias is true.
	By    string
	Join  bool // the policy joins the realms of both
	Alias bool
}

// Ties lists what makes the ids one person that were so at a time (0: now), of the
// person with one id.
func (v *View) Ties(id events.ID, at Time) []TieView {
	s := v.s
	if at == 0 {
		at = s.now()
	}
	person := s.person(id, at)
	var out []TieView
	add := func(t TieView) {
		t.A, t.B = min(t.A, t.B), max(t.A, t.B)
		if t.A != t.B && slices.Contains(person, t.A) && slices.Contains(person, t.B) && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, l := range s.pol.Links {
		if at >= l.From && (l.Until == 0 || at < l.Until) {
			add(TieView{A: s.canonical(l.A), B: s.canonical(l.B), By: "policy"})
		}
	}
	for i, a := range person {
		for _, b := range person[i+1:] {
			for _, j := range s.pol.Joins {
				if slices.Contains(j.Realms, a.Realm()) && slices.Contains(j.Realms, b.Realm()) && a.Local() == b.Local() {
					add(TieView{A: a, B: b, By: "policy", Join: true})
				}
			}
		}
		s.linksOf(a, func(b events.ID, l link) bool {
			if !l.holds(at) {
				return true
			}
			for _, act := range l.Acts {
				if act.On {
					add(TieView{A: a, B: b, By: act.ID, Alias: act.Alias})
				}
			}
			return true
		})
	}
	return out
}
