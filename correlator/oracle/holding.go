package oracle

import (
	"cmp"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// Holding is an access that was held at a time.
type Holding struct {
	Source string
	Kind   events.AccessKind
	ID     string
	// Subject is who its source says holds it, Person every id of that one.
	Subject events.ID
	Person  []events.ID
	Scope   events.Scope
	// From and To bound the time of holding it; To is the zero time while it lasts.
	From, To time.Time
	// Under are the approvals in whose cover the time lies, "source id", each once.
	Under []string
}

// Holdings is who could act at a time, as far as what was read so far tells.
func (o *Oracle) Holdings(at time.Time) []Holding {
	w := o.world()
	var out []Holding
	for _, x := range w.accesses {
		for _, ep := range x.episodes {
			if at.Before(ep.start) || !at.Before(ep.end) || x.scope.IsZero() {
				continue
			}
			h := Holding{Source: x.source, Kind: x.kind, ID: x.id, Subject: x.subject, Scope: x.scope, From: ep.start}
			if x.subject != "" {
				h.Person = w.person(x.subject, ep.start)
				slices.Sort(h.Person)
			}
			if ep.end.Before(never) {
				h.To = ep.end
			}
			for _, c := range w.covered(x, ep) {
				name := c.by.source + " " + c.by.id
				if !c.from.After(at) && at.Before(c.to) && !slices.Contains(h.Under, name) {
					h.Under = append(h.Under, name)
				}
			}
			slices.Sort(h.Under)
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), a.From.Compare(b.From))
	})
	return out
}
