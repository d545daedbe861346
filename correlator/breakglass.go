package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// emergency is the break-glass account of the policy whose access this is, "" where
// it is none: by its id, by one in its record, or by an equal name in a realm that
// the policy joins. A link is not enough: who has an account for emergencies has an
// ordinary one besides.
func (s *step) emergency(x *access) events.ID {
	if len(s.pol.BreakGlass) == 0 {
		return ""
	}
	for _, id := range append([]events.ID{s.rootSubject(x)}, x.Aliases...) {
		for _, declared := range s.pol.BreakGlass {
			if id != "" && s.sameAccount(declared, id) {
				return declared
			}
		}
	}
	return ""
}

// sameAccount reports whether two ids are equal, or equal names in joined realms.
func (s *step) sameAccount(a, b events.ID) bool {
	a, b = s.canonical(a), s.canonical(b)
	return a == b || a.Local() == b.Local() && slices.ContainsFunc(s.pol.Joins, func(j Join) bool {
		return slices.Contains(j.Realms, a.Realm()) && slices.Contains(j.Realms, b.Realm())
	})
}

// viewCovers fills in what the rules ask of the windows that bear on a stretch.
func (s *step) viewCovers(c *Case, x *access, st *Stretch) {
	paths, glass := s.enabled(&ruleStandingPath), s.enabled(&ruleBreakGlass)
	for i := 0; (paths || glass) && i < len(st.Covers); i++ {
		cv := &st.Covers[i]
		cv.spent = paths && s.spent(cv.Approval)
		if a := s.approval(cv.Approval); glass && a != nil {
			state := a.fold()
			cv.breakGlass = state.Kind == events.BreakGlass
			cv.sound = state.Reason != "" && s.decidedByAnother(x, st.Start, *state) && cv.To != Forever
		}
	}
	if s.enabled(&ruleUnresolved) {
		if st.Unresolved = s.unresolvedSubject(x, st.Start); st.Unresolved != nil {
			st.Unresolved.Waiting = s.waitingFor(x, st.Episode)
		}
	}
	if s.enabled(&ruleDelegationMismatch) {
		st.Foreign = s.foreignRefs(x, st.Episode, st.Start.Add(c.Grace+st.Unc))
	}
}

// decidedByAnother reports whether somebody decided who is neither the user nor
// whoever asked.
func (s *step) decidedByAnother(x *access, at Time, st approvalState) bool {
	if st.DecidedBy == "" {
		return false
	}
	if s.pol.BreakGlassSelfApproval {
		return true
	}
	by := s.canonical(st.DecidedBy)
	asked := slices.ContainsFunc(append(slices.Clone(st.Consumers), st.Requester), func(id events.ID) bool { return s.canonical(id) == by })
	return !asked && !slices.Contains(s.person(s.rootSubject(x), at), by)
}
