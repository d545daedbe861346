package correlator

import (
	"fmt"
	"slices"

	"github.com/overstay/overstay/events"
)

// Authority is what a source may speak of. An empty list allows everything, and *
// in all but Types matches any run of characters. What a source says of itself
// (its progress, that it resumed) needs no leave.
type Authority struct {
	// Types are classes ("lease") or types ("access.used").
	Types []string
	// Systems are those of scopes.
	Systems []string
	// Realms are those of the ids that it says something of: the subject, its
	// aliases and whom it is linked with, who asked for an approval and who may use
	// it, and the realms that it declares. "" is that of ids without one.
	Realms []string
	// Sources are others whose accesses it may speak of.
	Sources []string
}

// outside says in what an event is beyond its source's authority: what tells such
// events apart, and what it reached for.
type outside struct{ what, note string }

// outside is nil where the policy lets the source say the event. That does not
// depend on anything but the two, so that no order of events changes it.
func (p *Policy) outside(ev events.Event) *outside {
	set, listed := p.Sources[ev.Source]
	if !listed && p.RefuseUnlisted {
		return &outside{"unlisted", "the policy does not list it"}
	}
	a := set.Authority
	if a == nil {
		return nil
	}
	typ := ev.Type.Short()
	beyond := func(of, note string, args ...any) *outside {
		return &outside{typ + " " + of, typ + " " + fmt.Sprintf(note, args...)}
	}
	if said := spokenAs(ev); said != "" && !a.mayType(said) {
		if ev.Type.Class() == "source" {
			return beyond("type", "of %ss is not among its types", ev.Data.(*events.SnapshotBegin).Kind)
		}
		return beyond("type", "is not among its types")
	}
	about := aboutOf(ev)
	for _, sys := range about.systems {
		if !allowed(a.Systems, sys) {
			return beyond("system", "for system %q, which is not its own", sys)
		}
	}
	for _, realm := range about.realms {
		if !allowed(a.Realms, realm) {
			return beyond("realm", "for ids of realm %q, which is not its own", realm)
		}
	}
	for _, uri := range about.sources {
		if uri != "" && uri != ev.Source && !allowed(a.Sources, uri) {
			return beyond("source", "of an access of %s, which it may not speak of", uri)
		}
	}
	return nil
}

// spokenAs is the type by which an event needs leave: a snapshot counts as what it
// lists, and what a source says of itself as nothing.
func spokenAs(ev events.Event) events.Type {
	if ev.Type.Class() != "source" {
		return ev.Type
	}
	if d, ok := ev.Data.(*events.SnapshotBegin); ok {
		switch d.Kind {
		case events.KindSession:
			return events.SessionStarted
		case events.KindLease:
			return events.LeaseIssued
		case events.KindMembership:
			return events.MembershipAdded
		}
	}
	return ""
}

func (a *Authority) mayType(t events.Type) bool {
	return len(a.Types) == 0 || slices.Contains(a.Types, t.Class()) || slices.Contains(a.Types, t.Short())
}

// allowed reports whether a list is empty or names s. An empty entry names what is
// empty, and not everything.
func allowed(list []string, s string) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(p string) bool { return p == s || p != "" && matchGlob(p, s) })
}

// about is what an event speaks of, by name.
type about struct{ systems, realms, sources []string }

func (a *about) scope(scopes ...events.Scope) {
	for _, sc := range scopes {
		if sc.System != "" {
			a.systems = append(a.systems, sc.System)
		}
	}
}

func (a *about) ids(ids ...events.ID) {
	for _, id := range ids {
		if id != "" {
			a.realms = append(a.realms, id.Realm())
		}
	}
}

func (a *about) parents(parents []events.Parent) {
	for _, p := range parents {
		a.sources = append(a.sources, p.Source)
	}
}

func aboutOf(ev events.Event) about {
	var a about
	a.ids(ev.Subject)
	a.ids(ev.Data.Common().Aliases...)
	switch d := ev.Data.(type) {
	case *events.Approval:
		a.scope(d.Scopes...)
		a.ids(d.Requester)
		a.ids(d.Consumers...)
	case *events.Session:
		a.scope(d.Scope)
		a.parents(d.Parents)
	case *events.Lease:
		a.scope(d.Scope)
		a.parents(d.Parents)
	case *events.Credential:
		a.scope(d.Scope)
	case *events.Membership:
		a.scope(d.Scope)
	case *events.GroupNesting:
		a.scope(d.Scope)
	case *events.IdentityLink:
		a.ids(d.Other)
	case *events.Use:
		a.sources = append(a.sources, d.Access.Source)
	case *events.Probe:
		a.sources = append(a.sources, d.Access.Source)
	case *events.Block:
		a.scope(events.Scope{System: d.System})
		if d.Access != nil {
			a.sources = append(a.sources, d.Access.Source)
		}
	case *events.EndedBefore:
		a.scope(d.Scope)
	case *events.SnapshotBegin:
		a.scope(d.Scope)
	case *events.SnapshotPart:
		for _, item := range d.Items {
			a.scope(item.Scope)
			a.ids(item.Subject)
			a.ids(item.Aliases...)
		}
	case *events.Resumed:
		for _, realm := range d.Capabilities.Realms {
			a.realms = append(a.realms, realm.Name)
		}
	}
	return a
}

// refuse keeps an event out that its source may not say. That the source spoke
// counts, and so does the number of the event: it is not missing.
func (s *step) refuse(ev events.Event, o *outside) {
	r := s.heard(ev)
	r.Unauthorised++
	s.out.Refused = "outside the authority of its source: " + o.note
	r.note(incident{What: o.what, Note: o.note}, s.sightingOf(ev), s.now())
	s.touch(ownSource + ev.Source)
}

// linksBelieved reports whether the policy lets this source say who is who.
func (s *step) linksBelieved(source string) bool {
	set := s.pol.Sources[source]
	return set.Links == nil || *set.Links
}
