package correlator

import (
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// cover is one window as it bears on one access.
type cover struct {
	*Window // of the approval as it is folded: shared, and nobody's to change
	// Grants: the window caused the access; else it only authorises it.
	Grants bool
	// Full is false when the window covers the right at a lower level, or a part
	// of it only.
	Full bool
	// spent: the approval is over, and all that it granted has ended.
	spent bool
	// unc is the uncertainty of the clock by which the approval's acts are dated.
	unc time.Duration
	// breakGlass: the approval is one for emergencies; sound: it has a reason and an
	// end, and was decided by another than its user.
	breakGlass, sound bool
}

// grantLead is how long before a window's start an access may begin and still
// count as granted by it: tools that create access when they approve do so a
// little early.
const grantLead = 10 * time.Minute

// scopeMatch says how an approval's scope bears on an access's.
type scopeMatch int

const (
	noMatch    scopeMatch = iota
	wider                 // by its names, what is held reaches beyond what was approved
	lowerLevel            // one right, at a higher level than was approved
	fullMatch
)

// matchScopes compares by equality with globs on resource and role, and through
// the policy's entitlements. An approval covers members at or below its level.
func (p *Policy) matchScopes(approved, held events.Scope) scopeMatch {
	if scopeCovers(approved, held) {
		return fullMatch
	}
	best := noMatch
	if scopeExceeds(approved, held) {
		best = wider
	}
	for i := range p.Entitlements {
		e := &p.Entitlements[i]
		a, okA := e.level(approved)
		h, okH := e.level(held)
		switch {
		case !okA || !okH:
		case h <= a:
			return fullMatch
		default:
			best = lowerLevel
		}
	}
	return best
}

// scopeCovers compares two native scopes: the approved one may be a glob, and an
// approved scope without a resource or role means all of them.
func scopeCovers(approved, held events.Scope) bool {
	if approved.System == "" || approved.System != held.System {
		return false
	}
	if approved.Level != "" && approved.Level != held.Level {
		return false
	}
	if approved.Resource == "" && approved.Role == "" {
		return held.Resource == "" && held.Role == ""
	}
	return ScopePattern{System: approved.System, Resource: approved.Resource, Role: approved.Role}.Matches(held)
}

// scopeExceeds reports whether a native scope that is held takes in the approved
// one and more: all of a resource or role, by leaving it out or by a pattern, where
// a part was approved, or the same at another level.
func scopeExceeds(approved, held events.Scope) bool {
	if approved.System == "" || approved.System != held.System || approved.Resource == "" && approved.Role == "" {
		return false
	}
	return exceedsGlob(approved.Resource, held.Resource) && exceedsGlob(approved.Role, held.Role) && !scopeCovers(approved, held)
}

// exceedsGlob reports whether the held name is within the approved pattern or, as a
// pattern itself, takes it in.
func exceedsGlob(approved, held string) bool {
	return matchGlob(approved, held) || isGlob(held) && approved != "" && overlapGlobs(held, approved)
}

// level is the highest level that the scope has in the entitlement.
func (e *Entitlement) level(s events.Scope) (int, bool) {
	best, found := 0, false
	for _, m := range e.Members {
		if !m.Scope.Matches(s) {
			continue
		}
		name := m.Level
		if s.Level != "" && slices.Contains(e.Levels, s.Level) {
			name = s.Level
		}
		best, found = max(best, slices.Index(e.Levels, name)), true
	}
	return best, found
}

// knows reports whether the entitlements say what right a scope is.
func (p *Policy) knows(s events.Scope) bool {
	return slices.ContainsFunc(p.Entitlements, func(e Entitlement) bool {
		_, known := e.level(s)
		return known
	})
}

// watched reports whether the scope must be approved.
func (p *Policy) watched(s events.Scope) bool {
	for _, w := range p.Watched {
		if w.Matches(s) {
			return true
		}
	}
	return false
}

// coversOf collects the windows that bear on one episode of an access, own ones
// and those inherited from the accesses it came from, in a fixed order.
func (s *step) coversOf(x *access, ep *Episode) []cover {
	out := s.ownCovers(nil, x, ep)
	if len(x.Parents) > 0 {
		out = append(out, s.inherited(x, ep)...)
	}
	slices.SortFunc(out, compareCovers)
	return slices.CompactFunc(out, func(a, b cover) bool { return a.same(b.Window) && a.Grants == b.Grants })
}

// ownCovers adds the windows that bear on an access by itself.
func (s *step) ownCovers(out []cover, x *access, ep *Episode) []cover {
	person := s.person(x.Subject, ep.Start)
	held, keys := s.rightOf(x), s.scratch.near[:0]
	for _, id := range person {
		keys = append(keys, s.naming(indexed(id), held)...)
	}
	keys, referred := s.withRefs(keys, s.scratch.referred[:0], x)
	s.scratch.near, s.scratch.referred = keys, referred
	out = slices.Grow(out, len(keys))
	for _, key := range keys {
		out = s.coversBy(out, key, slices.Contains(referred, key), ep, person, held)
	}
	return out
}

// coversBy adds the windows of one approval that bear on an episode of a person's, of a
// right that is held; issued says whether an issuer's word is that it was under it.
func (s *step) coversBy(out []cover, key approvalKey, issued bool, ep *Episode, person []events.ID, held right) []cover {
	a := s.approval(key)
	if a == nil || !s.approvalsBelieved(key) {
		return out
	}
	granted := Ever // until when the approval grants without a break
	folded := a.fold()
	windows := folded.Windows
	for i := range windows {
		w := &windows[i]
		if w.To <= w.Nominal || !s.consumes(w, person) {
			continue
		}
		match := s.rights.match(s.pol, s.rightsOf(a, w.Scopes), held)
		if issued {
			match = fullMatch // an issuer's reference may stand in for the scope
		}
		if match == noMatch {
			continue
		}
		// What goes on where a granting stretch ends, an extension or an
		// alteration, is the same grant.
		grants := match != wider && (issued || beganWithin(ep, w) || w.Nominal <= granted)
		if grants {
			granted = max(granted, w.To)
		}
		out = append(out, cover{Window: w, Full: match == fullMatch, Grants: grants, unc: folded.Unc})
	}
	return out
}

// causes reports whether a window of the approval caused an episode of an access: what
// [step.coversOf] says of it, without what it says of all the others.
func (s *step) causes(k approvalKey, x *access, ep *Episode) bool {
	if x.Floor != 0 {
		// Which windows count besides those after it, all that were before it say.
		st := Stretch{Episode: ep, Covers: s.coversOf(x, ep)}
		st.settle(x.Floor)
		return slices.ContainsFunc(st.Covers, func(c cover) bool { return c.Grants && c.Approval == k })
	}
	if s.causesItself(k, x, ep) {
		return true
	}
	found := false
	s.eachAncestor(x, ep, func(parent *access, pe *Episode) bool {
		found = s.causesItself(k, parent, pe)
		return !found
	})
	return found
}

// causesItself is causes without what an access came from.
func (s *step) causesItself(k approvalKey, x *access, ep *Episode) bool {
	person, held := s.person(x.Subject, ep.Start), s.rightOf(x)
	keys, referred := s.withRefs(s.scratch.near[:0], s.scratch.referred[:0], x)
	s.scratch.near, s.scratch.referred = keys, referred
	_, near := slices.BinarySearch(keys, k)
	for i := 0; i < len(person) && !near; i++ {
		_, near = slices.BinarySearch(s.naming(indexed(person[i]), held), k)
	}
	if !near {
		return false
	}
	s.scratch.covers = s.coversBy(s.scratch.covers[:0], k, slices.Contains(referred, k), ep, person, held)
	return slices.ContainsFunc(s.scratch.covers, func(c cover) bool { return c.Grants })
}

func compareCovers(a, b cover) int {
	switch {
	case a.From != b.From:
		return cmp(a.From, b.From)
	case a.To != b.To:
		return cmp(a.To, b.To)
	case a.Approval != b.Approval:
		return cmp(string(a.Approval), string(b.Approval))
	case a.ID != b.ID:
		return cmp(a.ID, b.ID)
	case a.Grants == b.Grants:
		return 0
	case a.Grants:
		return -1
	}
	return 1
}

// maxLineage bounds the accesses that one is followed back to; real chains (login
// token, child token, lease, wrap) have four.
const maxLineage = 32

// inherited is what the granting windows of all that an access came from give to
// it: window and person pass along every edge, across scope and subject.
func (s *step) inherited(x *access, ep *Episode) []cover {
	var out []cover
	s.eachAncestor(x, ep, func(parent *access, pe *Episode) bool {
		for _, c := range s.ownCovers(nil, parent, pe) {
			if c.Grants {
				out = append(out, c)
			}
		}
		return true
	})
	return out
}

// eachAncestor calls fn with all that an access came from, and the episode of it in which
// what came from it was made, the nearest first, until it returns false.
func (s *step) eachAncestor(x *access, ep *Episode, fn func(*access, *Episode) bool) {
	if len(x.Parents) == 0 {
		return
	}
	type node struct {
		x  *access
		ep *Episode
	}
	seen := map[accessKey]bool{x.Key: true}
	for todo := []node{{x, ep}}; len(todo) > 0; todo = todo[1:] {
		for _, p := range todo[0].x.Parents {
			parent := s.access(p.Key)
			if parent == nil || seen[p.Key] || len(seen) > maxLineage {
				continue
			}
			seen[p.Key] = true
			pe, ok := episodeAt(parent.episodes(s.now(), s.pol), todo[0].ep.Start)
			if !ok {
				continue
			}
			if !fn(parent, pe) {
				return
			}
			todo = append(todo, node{parent, pe})
		}
	}
}

// episodeAt is the stretch of the parent in which a child that began at t was
// made: the last that began by then.
func episodeAt(eps []Episode, t Time) (*Episode, bool) {
	for i := len(eps) - 1; i >= 0; i-- {
		if eps[i].Start <= t || i == 0 {
			return &eps[i], true
		}
	}
	return nil, false
}

// beganWithin reports whether the episode began inside the window, from a little
// before its start. A start that is only known to lie between two scans counts
// by its later bound, provided that an earlier scan did not show it.
func beganWithin(ep *Episode, w *Window) bool {
	if ep.StartLo == Ever {
		return false
	}
	return ep.Start >= w.From.Add(-grantLead) && ep.Start < w.To
}

// consumes reports whether the person may use the window.
func (s *step) consumes(w *Window, person []events.ID) bool {
	return slices.ContainsFunc(w.users(), func(id events.ID) bool {
		// A person's ids are canonical: one that is among them as it is need not be made so.
		return slices.Contains(person, id) || slices.Contains(person, s.canonical(id))
	})
}

// withRefs adds the approvals that an access refers to, and puts all in order. To
// issued it adds those that an issuer says: another source's approval may have the same
// number.
func (s *step) withRefs(keys, issued []approvalKey, x *access) (all, byIssuer []approvalKey) {
	for _, r := range x.Refs {
		n := len(keys)
		keys = s.resolveRef(keys, x, r)
		if r.By == events.ByIssuer {
			issued = append(issued, keys[n:]...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), issued
}

// resolveRef adds the approvals that a reference means: in the stated source,
// else in the access's own, else wherever the id is known.
func (s *step) resolveRef(keys []approvalKey, x *access, r approvalRef) []approvalKey {
	if r.Source != "" {
		return append(keys, makeApprovalKey(r.Source, r.ID))
	}
	own := makeApprovalKey(x.Key.source(), r.ID)
	if s.approval(own) != nil {
		return append(keys, own)
	}
	s.each(indexApprovalID, r.ID, func(source string) bool {
		keys = append(keys, makeApprovalKey(source, r.ID))
		return true
	})
	return keys
}

// approvalsBelieved reports whether the policy lets this source approve.
func (s *step) approvalsBelieved(key approvalKey) bool {
	if len(s.pol.Sources) == 0 {
		return true
	}
	source, _ := key.split()
	if set, ok := s.pol.Sources[source]; ok && set.Approvals != nil {
		return *set.Approvals
	}
	return true
}

// shortSource is a source for reading: "vault://prod" stays as it is, query
// parts go.
func shortSource(uri string) string {
	head, _, _ := strings.Cut(uri, "?")
	return head
}
