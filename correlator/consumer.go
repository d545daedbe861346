package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// foreignRef is an approval that an access refers to although it is others'.
type foreignRef struct {
	Approval approvalKey
	// Allowed is when it was altered to include whoever holds the access; Forever:
	// never.
	Allowed Time
}

// foreignRefs finds the approvals, of those that an access refers to, that nobody
// in its lineage may use. A reference that may mean several approvals is foreign
// only if all are.
func (s *step) foreignRefs(x *access, ep *Episode, slack Time) []foreignRef {
	if len(x.Refs) == 0 {
		return nil
	}
	who := s.behind(x, ep.Start)
	if len(who) == 0 || slices.ContainsFunc(who, s.pol.pipeline) {
		return nil
	}
	var out []foreignRef
	for _, r := range x.Refs {
		var best *foreignRef
		for _, k := range s.resolveRef(nil, x, r) {
			a := s.approval(k)
			if a == nil || !s.approvalsBelieved(k) {
				continue
			}
			st := a.fold()
			if len(st.Windows) == 0 {
				continue // nothing was approved that could be used by others
			}
			if ref := (foreignRef{k, s.allowedFrom(a, *st, who)}); best == nil || ref.Allowed < best.Allowed {
				best = &ref
			}
		}
		if best != nil && best.Allowed > slack {
			out = append(out, *best)
		}
	}
	return out
}

// allowedFrom is since when an approval may be used by one of the ids: Ever for its
// requester, Forever for strangers.
func (s *step) allowedFrom(a *approval, st approvalState, who []events.ID) Time {
	is := func(id events.ID) bool { return id != "" && slices.Contains(who, s.canonical(id)) }
	if is(st.Requester) || slices.ContainsFunc(a.Acts, func(act approvalAct) bool { return is(act.Requester) }) {
		return Ever
	}
	from := Forever
	for _, w := range st.Windows {
		if slices.ContainsFunc(w.users(), is) {
			from = min(from, w.Decided)
		}
	}
	return from
}

// behind lists the ids of everybody from whose access this one came, its own holder
// included; nobody where that is not known or a shared id, which may be anybody.
func (s *step) behind(x *access, at Time) []events.ID {
	if root := s.rootSubject(x); root == "" || s.realm(root).Shared {
		return nil
	}
	var who []events.ID
	seen := map[accessKey]bool{x.Key: true}
	for todo := []*access{x}; len(todo) > 0; todo = todo[1:] {
		who = append(who, s.person(todo[0].Subject, at)...)
		for _, p := range todo[0].Parents {
			if parent := s.access(p.Key); parent != nil && !seen[p.Key] && len(seen) <= maxLineage {
				seen[p.Key] = true
				todo = append(todo, parent)
			}
		}
	}
	slices.Sort(who)
	return slices.Compact(who)
}

// pipeline reports whether the policy lets an id use whatever approval its jobs
// name.
func (p *Policy) pipeline(id events.ID) bool {
	return slices.ContainsFunc(p.Pipelines, func(pattern string) bool { return matchGlob(pattern, string(id)) })
}
