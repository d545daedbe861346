package correlator

import (
	"slices"
	"strconv"
	"time"

	"github.com/overstay/overstay/events"
)

// Finding is what a rule says about one access or source, before it is decided
// whether it may be said yet.
type Finding struct {
	Rule RuleID
	// Alert is the key of the alert that it belongs to, Ord which of the
	// access's findings in it this is.
	Alert    string
	Ord      int
	Approval approvalKey // the granting approval, "" without one
	Account  events.ID   // the closed account, for OV-012
	// PerAccess: each access is an alert of its own.
	PerAccess bool
	// From is where the overrun begins, To where it ends (Forever: it has not).
	From, To Time
	// Due is when the rule would speak if nothing else were known.
	Due      Time
	Severity Severity
	// Weak: the source would not have told us of an end; low and provisional.
	Weak bool
	// Forecast: it says what will be, and nothing once that is decided.
	Forecast bool
	// Immediate: it rests on a report, not on an absence, and needs no settling.
	Immediate bool
	// Again is when the finding changes by time alone; 0: never.
	Again Time
	// Closed says why the finding is over, "" while it is not.
	Closed Closing
	// Basis of the end that closed it.
	Basis Basis
	// Claimed is a claimed end that is not proven yet; 0: none.
	Claimed Time
	Used    bool
	// Until is the approval that covered it up to From, where another granted it.
	Until approvalKey
	// gap identifies the time that a finding is about, so that two rules that
	// speak of one gap give one alert.
	gap Interval
	// Expiry is what OV-003 speaks of.
	Expiry Time
	Note   string
}

// Closing says why an alert resolved.
type Closing string

// The closings.
const (
	ClosedEnded     Closing = "ended"
	ClosedUnproven  Closing = "ended, unproven"
	ClosedRecovered Closing = "re-covered"
	ClosedRatified  Closing = "ratified"
	ClosedOutlived  Closing = "outlived" // OV-003 became OV-001 or OV-019
	ClosedReenabled Closing = "re-enabled"
	ClosedHeard     Closing = "source heard again"
	ClosedNotNeeded Closing = "nothing needs the source"
	ClosedShortened Closing = "shortened"
	ClosedOwned     Closing = "owned again"
	ClosedRotated   Closing = "rotated"
	ClosedConfirmed Closing = "confirmed by an operator"
	ClosedByPolicy  Closing = "policy"
	ClosedElsewhere Closing = "told by another alert"
	ClosedOtherwise Closing = "no longer so"
	closedWithdrawn Closing = "withdrawn" // retracted: it was never so
)

// precedence decides which rule speaks of a gap that several see.
var precedence = map[RuleID]int{"OV-014": 0, "OV-019": 1, "OV-001": 2, "OV-002": 3, "OV-006": 4, "OV-016": 5, "OV-005": 6, "OV-026": 7, "OV-011": 8}

// oneAlertAGap keeps, for each gap, the finding of the first rule in order.
func oneAlertAGap(in []Finding) []Finding {
	if len(in) < 2 {
		return in
	}
	best := map[Interval]int{}
	for _, f := range in {
		p, gapRule := precedence[f.Rule]
		if !gapRule || f.gap.Empty() {
			continue
		}
		if b, ok := best[f.gap]; !ok || p < b {
			best[f.gap] = p
		}
	}
	return slices.DeleteFunc(in, func(f Finding) bool {
		p, gapRule := precedence[f.Rule]
		return gapRule && !f.gap.Empty() && best[f.gap] != p
	})
}

// close fills in how a finding about a gap ended: by an end of the access (which,
// when only claimed, must stay unchallenged for a while) or by new cover.
func (f *Finding) close(c *Case, st Stretch, g Gap) {
	switch {
	case g.To == Forever:
	case g.To != st.End:
		f.Closed = ClosedRecovered
		if g.Ratified {
			f.Closed = ClosedRatified
		}
	case st.Basis == Claimed:
		f.Claimed = st.Claim
		proven := st.End.Add(c.Policy.UnprovenAfter)
		switch {
		case c.Policy.HoldUnproven:
			f.To = Forever
		case c.Now < proven:
			f.To, f.Again = Forever, proven
		default:
			f.Closed, f.Basis = ClosedUnproven, Claimed
		}
	default:
		f.Closed, f.Basis = ClosedEnded, st.Basis
	}
}

// long reports whether a gap lasts beyond the grace, and when it is due.
func (g Gap) long(grace time.Duration) (due Time, long bool) {
	due = g.From.Add(grace + g.Unc)
	return due, g.To > due
}

// refine applies the policy's severity.
func (s *step) refine(f *Finding) {
	set, ok := s.pol.Rules[f.Rule]
	if !ok || set.Severity == 0 || f.Weak {
		return
	}
	if f.Severity > ruleByID(f.Rule).Severity { // raised by what happened: not to be lowered
		f.Severity = max(f.Severity, set.Severity)
		return
	}
	f.Severity = set.Severity
}

// findingName tells an access's findings apart.
func findingName(f *Finding) string { return f.Alert + partSep + strconv.Itoa(f.Ord) }

// enabled reports whether a rule speaks under the policy.
func (s *step) enabled(r *Rule) bool { return s.pol.enabled(r.ID, r.Default) }

// Enabled reports whether a rule is on.
func (p *Policy) Enabled(r Rule) bool { return p.enabled(r.ID, r.Default) }

// enabled reports whether a rule is on that is so by default, or is not.
func (p *Policy) enabled(id RuleID, byDefault bool) bool {
	if set, ok := p.Rules[id]; ok && set.Enabled != nil {
		return *set.Enabled
	}
	return byDefault
}
