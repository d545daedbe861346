package oracle

import (
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// same reports whether two ids are one person at a time: whether a chain of
// links that hold then leads from the one to the other.
func (w *world) same(a, b events.ID, at time.Time) bool {
	return slices.Contains(w.person(a, at), w.canonical(b))
}

// person is every id that a chain of links leads to at a time.
func (w *world) person(id events.ID, at time.Time) []events.ID {
	found := []events.ID{w.canonical(id)}
	for i := 0; i < len(found); i++ {
		for _, l := range w.linksOf(found[i]) {
			if !slices.Contains(found, l.to) && slices.ContainsFunc(l.spans, func(s span) bool {
				return !at.Before(s.from) && at.Before(s.to)
			}) {
				found = append(found, l.to)
			}
		}
	}
	return found
}

// canonical is one spelling of an id whose realm does not count case.
func (w *world) canonical(id events.ID) events.ID {
	if w.Realms[id.Realm()].FoldCase {
		return events.NewID(id.Realm(), strings.ToLower(id.Local()))
	}
	return id
}

// tie is what links one id to another, and when.
type tie struct {
	to    events.ID
	spans []span
}

var ever = span{time.Time{}, never}

func (w *world) linksOf(id events.ID) []tie {
	var out []tie
	if w.Realms[id.Realm()].Shared {
		return nil
	}
	for _, p := range w.pairs() {
		switch id {
		case p.a:
			out = append(out, tie{p.b, p.spans})
		case p.b:
			out = append(out, tie{p.a, p.spans})
		}
	}
	for _, j := range w.Joins {
		if !slices.Contains(j.Realms, id.Realm()) || w.Realms[id.Realm()].Recyclable {
			continue
		}
		for _, other := range w.ids() {
			if other == id || !slices.Contains(j.Realms, other.Realm()) || w.Realms[other.Realm()].Recyclable {
				continue
			}
			if id.Local() == other.Local() || j.FoldCase && strings.EqualFold(id.Local(), other.Local()) {
				out = append(out, tie{other, []span{ever}})
			}
		}
	}
	return slices.DeleteFunc(out, func(t tie) bool { return w.Realms[t.to.Realm()].Shared })
}

// pair is two ids that somebody linked.
type pair struct {
	asserter string
	a, b     events.ID
	spans    []span
	cut      bool // taken back at least once
}

func (w *world) pairs() []*pair {
	if w.linked != nil {
		return w.linked
	}
	out := []*pair{}
	get := func(asserter string, a, b events.ID) *pair {
		a, b = w.canonical(a), w.canonical(b)
		if b < a {
			a, b = b, a
		}
		for _, p := range out {
			if p.asserter == asserter && p.a == a && p.b == b {
				return p
			}
		}
		p := &pair{asserter: asserter, a: a, b: b}
		out = append(out, p)
		return p
	}
	for _, l := range w.Links {
		s := span{l.From, l.Until}
		if s.to.IsZero() {
			s.to = never
		}
		p := get("policy", l.A, l.B)
		p.spans = append(p.spans, s)
	}
	for _, ev := range w.history {
		if !done(ev) || ev.Subject == "" {
			continue
		}
		for _, alias := range ev.Data.Common().Aliases {
			get(ev.Source, ev.Subject, alias).join(ev.Time, time.Time{}, time.Time{})
		}
		l, ok := ev.Data.(*events.IdentityLink)
		switch {
		case ok && ev.Type == events.IdentityLinked:
			get(ev.Source, ev.Subject, l.Other).join(ev.Time, l.From, l.Until)
		case ok:
			get(ev.Source, ev.Subject, l.Other).part(ev.Time, l.From)
		}
	}
	w.linked = out
	return out
}

// join links the two: for always, or from now on where it was taken back before.
func (p *pair) join(at, from, until time.Time) {
	if n := len(p.spans); from.IsZero() && until.IsZero() && n > 0 && p.spans[n-1].to.After(at) {
		return // it says again what holds
	}
	if from.IsZero() && p.cut {
		from = at
	}
	if until.IsZero() {
		until = never
	}
	p.spans = append(p.spans, span{from, until})
}

// part takes the link back, from a time on.
func (p *pair) part(at, from time.Time) {
	if from.IsZero() {
		from = at
	}
	p.cut = true
	for i := range p.spans {
		p.spans[i].to = earlier(p.spans[i].to, later(from, p.spans[i].from))
	}
}

// ids are all that anything names.
func (w *world) ids() []events.ID {
	if w.named != nil {
		return w.named
	}
	seen := map[events.ID]bool{}
	add := func(ids ...events.ID) {
		for _, id := range ids {
			if id = w.canonical(id); id != "" && !seen[id] {
				seen[id] = true
				w.named = append(w.named, id)
			}
		}
	}
	for _, ev := range w.history {
		add(ev.Subject)
		add(ev.Data.Common().Aliases...)
		switch d := ev.Data.(type) {
		case *events.Approval:
			add(d.Requester)
			add(d.Consumers...)
		case *events.IdentityLink:
			add(d.Other)
		case *events.SnapshotPart:
			for _, item := range d.Items {
				add(item.Subject)
				add(item.Aliases...)
			}
		}
	}
	for _, l := range w.Links {
		add(l.A, l.B)
	}
	return w.named
}
