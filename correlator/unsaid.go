package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// FindingView is what a rule finds of one access, and what became of it.
type FindingView struct {
	Rule  RuleID
	Alert string // the id of the alert that tells of it, or would
	// Approval is that whose end it is about, "" for none.
	ApprovalSource, Approval string
	From, To, Due            Time
	Severity                 Severity
	Closed                   Closing
	// State says whether it is told and, where it is not, why.
	State FindingState
	// Until is from when on it may be told whoever is behind, and Behind are the
	// sources that it waits for; of a finding that waits.
	Until  Time
	Behind []string
	// Why names the other rule, or the condition, that keeps it untold.
	Why string
}

// FindingState is what became of a finding.
type FindingState string

// What becomes of a finding.
const (
	FindingTold      FindingState = "told"
	FindingDue       FindingState = "not due yet"
	FindingWaits     FindingState = "waits"                // for sources to settle
	FindingOff       FindingState = "rule off"             // by the policy, or without one
	FindingElsewhere FindingState = "told by another rule" // of the same gap
	FindingExempt    FindingState = "exempt"               // by a condition of the policy
	FindingPassed    FindingState = "let pass"             // over under a former policy
	FindingHistory   FindingState = "before it was read"   // in the past that its source brought
)

// Findings has every rule, also those that are off, look at an access as it is now,
// and says of each finding what became of it. Of an access that has left the state
// nothing is found any more; what was told of it is in its record.
func (v *View) Findings(kind events.AccessKind, source, id string) []FindingView {
	s := v.s
	x := s.access(s.resolve(makeAccessKey(kind, source, id)))
	if x == nil {
		return nil
	}
	c := s.caseOf(x)
	j := judged{verdict: &x.verdict, owner: ownAccess + string(x.Key), source: c.Source, access: x.Key, floor: x.Floor, seen: c}
	var on, off []Finding
	rules := Rules()
	for i := range rules {
		r := &rules[i]
		switch {
		case r.access == nil:
		case s.enabled(r):
			on = append(on, r.graded(r.access(c))...)
		default:
			off = append(off, r.graded(r.access(c))...)
		}
	}
	kept := oneAlertAGap(slices.Clone(on))
	var out []FindingView
	ords := map[string]int{}
	for i := range kept {
		f := &kept[i]
		s.refine(f)
		if f.Closed != "" && f.To <= j.floor {
			continue
		}
		f.Alert = s.partsFor(f, j).key()
		f.Ord = ords[f.Alert] + j.Released[f.Alert]
		ords[f.Alert]++
		out = append(out, s.became(j, f))
	}
	for i := range on {
		if f := &on[i]; !slices.ContainsFunc(kept, func(k Finding) bool { return k.Rule == f.Rule && k.gap == f.gap }) {
			best := kept[slices.IndexFunc(kept, func(k Finding) bool { return k.gap == f.gap })]
			out = append(out, s.viewFinding(j, f, FindingElsewhere, string(best.Rule)))
		}
	}
	for i := range off {
		out = append(out, s.viewFinding(j, &off[i], FindingOff, ""))
	}
	return out
}

// became is what became of a finding of a rule that is on.
func (s *step) became(j judged, f *Finding) FindingView {
	name := findingName(f)
	if f.Closed != "" && !j.speaksOf(f) && j.Passed[name] {
		return s.viewFinding(j, f, FindingPassed, "")
	}
	if s.historic(j, f) {
		return s.viewFinding(j, f, FindingHistory, "")
	}
	if set := s.pol.Rules[f.Rule]; s.unless(j, f) {
		in := j.seen.condition()
		in.Rule = string(f.Rule)
		_, in.Approval = f.Approval.split()
		i := slices.IndexFunc(set.Unless, func(cond Condition) bool { return cond.Holds(in) })
		return s.viewFinding(j, f, FindingExempt, set.Unless[i].String())
	}
	v := s.settleFinding(j, f, s.awaited(j.source), &[]since{})
	switch {
	case v.speak || j.speaksOf(f):
		return s.viewFinding(j, f, FindingTold, "")
	case s.now() < f.Due:
		return s.viewFinding(j, f, FindingDue, "")
	}
	out := s.viewFinding(j, f, FindingWaits, "")
	out.Until, out.Behind = v.wake, v.behind
	return out
}

func (s *step) viewFinding(j judged, f *Finding, state FindingState, why string) FindingView {
	out := FindingView{
		Rule: f.Rule, Alert: alertID(s.partsFor(f, j).key()), From: f.From, To: f.To, Due: f.Due, Severity: f.Severity, Closed: f.Closed,
		State: state, Why: why,
	}
	out.ApprovalSource, out.Approval = f.Approval.split()
	return out
}
