package oracle

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// early is how long before a window access may begin that it grants.
const early = 10 * time.Minute

// stretch is time that an approval covers of one episode.
type stretch struct {
	span
	by *approval
	// nominal is where the window begins in the approval's own words, which may
	// lie before the decision.
	nominal time.Time
	unknown bool
	// grants: the window caused the episode, it does not only cover it.
	grants bool
}

// covered lists what covers an episode: by its own person and scope, by what its
// issuer says, and what granted that from which it came.
func (w *world) covered(x *access, ep episode) []stretch {
	return append(w.own(x, ep), w.inherited(x, ep, []*access{x})...)
}

func (w *world) own(x *access, ep episode) []stretch {
	var out []stretch
	for _, a := range w.approvals {
		refers := w.refers(x, a)
		var granted time.Time // until when it grants without a break
		for _, p := range a.parts {
			if !p.nominal.Before(p.to) || !w.mayUse(p, x, ep) || !refers && !w.names(p, x) {
				continue
			}
			began := !ep.unseen && !ep.start.Before(p.from.Add(-early)) && ep.start.Before(p.to)
			grants := refers || began || !p.nominal.After(granted)
			if grants {
				granted = later(granted, p.to)
			}
			out = append(out, stretch{p.span, a, p.nominal, p.unknownEnd, grants})
		}
	}
	return out
}

func (w *world) mayUse(p part, x *access, ep episode) bool {
	return x.subject != "" && slices.ContainsFunc(p.users, func(id events.ID) bool { return w.same(x.subject, id, ep.start) })
}

func (w *world) names(p part, x *access) bool {
	return slices.ContainsFunc(p.scopes, func(s events.Scope) bool { return w.reaches(s, x.scope) })
}

// inherited is what granted an access that this one came from, however far back:
// window and person pass along every edge, across scope and subject.
func (w *world) inherited(x *access, ep episode, below []*access) []stretch {
	var out []stretch
	for _, p := range x.parents {
		px, pe, ok := w.parentAt(p, ep)
		if !ok || slices.Contains(below, px) {
			continue
		}
		for _, s := range w.own(px, pe) {
			if s.grants {
				out = append(out, s)
			}
		}
		out = append(out, w.inherited(px, pe, append(slices.Clone(below), px))...)
	}
	return out
}

// parentAt is the life of a parent that a child came from.
func (w *world) parentAt(p parent, ep episode) (*access, episode, bool) {
	px := w.byRef[p.of]
	if px == nil || len(px.episodes) == 0 {
		return nil, episode{}, false
	}
	found := px.episodes[0] // where clocks differ a child may seem the older
	for _, pe := range px.episodes {
		if !pe.start.After(ep.start) {
			found = pe
		}
	}
	return px, found, true
}

// reaches reports whether a scope that was approved is the scope that is held.
func (w *world) reaches(approved, held events.Scope) bool {
	if approved.System == held.System && (approved.Resource == "" || approved.Resource == held.Resource) && (approved.Role == "" || approved.Role == held.Role) {
		return true
	}
	return false
}

// refers reports whether the issuer of an access names the approval.
func (w *world) refers(x *access, a *approval) bool {
	for _, r := range x.refs {
		if r.AssertedBy != events.ByIssuer || r.ID != a.id {
			continue
		}
		own, open := cutMark(r.Source)
		switch {
		case own == a.source:
			return true
		case open && !slices.ContainsFunc(w.approvals, func(b *approval) bool { return b.source == own && b.id == r.ID }):
			return true
		}
	}
	return false
}

func cutMark(s string) (string, bool) {
	if n := len(s); n > 0 && s[n-1] == '?' {
		return s[:n-1], true
	}
	return s, false
}
