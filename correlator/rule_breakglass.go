package correlator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/events"
)

// OV-014: an account or an approval for emergencies is used, which is told at once;
// and it leaves no sound record in time, or is not closed and rotated in time.
var ruleBreakGlass = Rule{
	ID: "OV-014", Name: "break-glass-open", Title: "Break-glass access", Default: false, Severity: Critical,
	Attacks:  []Attack{cloudAccounts},
	Controls: []string{"800-53:AC-2(2)", "pci:8.2.2", "nhi:NHI10:2025", "iso27001:A.8.2"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		held := "holds"
		if past || f.End != Forever {
			held = "held"
		}
		says := fmt.Sprintf("%s %s %s since %s, break-glass%s", a.who(f), held, f.what(), f.Start, a.underApproval())
		var notes []string
		for _, o := range a.Facets {
			if o.Note != "" && !slices.Contains(notes, o.Note) {
				notes = append(notes, o.Note)
			}
		}
		return strings.Join(append([]string{says}, notes...), "; ")
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Ask what the emergency is; have it recorded by somebody else, with a reason and an end; then close " + f.what() + " and change the secret."
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			if about, ok := breakGlassOf(c, st); ok && !st.Baseline {
				out = append(out, usedInEmergency(c, st, about))
				if f, ok := notRecorded(c, st, about); ok {
					out = append(out, f)
				}
				if f, ok := notClosed(c, st, about); ok {
					out = append(out, f)
				}
			}
		}
		return out
	},
}

// breakGlassOf says whether a stretch is an emergency, and whose alert it is: that
// of the account, else that of the approval. An account is a member of what it is
// for all the time; only sessions and leases are use.
func breakGlassOf(c *Case, st Stretch) (Finding, bool) {
	if c.Emergency != "" && c.Kind != events.KindMembership {
		return Finding{Account: c.Emergency}, true
	}
	for _, cv := range st.Covers {
		if cv.Grants && cv.breakGlass {
			return Finding{Approval: cv.Approval}, true
		}
	}
	return Finding{}, false
}

func usedInEmergency(c *Case, st Stretch, f Finding) Finding {
	f.From, f.To, f.Due, f.Immediate, f.Severity = st.Start, st.End, st.Start, true, High
	f.close(c, st, Gap{Interval: Interval{st.Start, st.End}})
	return f
}

// soundRecord is the earliest decision among records with another approver, a
// reason and an end, and the latest of those ends; Forever and 0 without one.
func soundRecord(st Stretch) (decided, end Time) {
	decided = Forever
	for _, cv := range st.Covers {
		if cv.Full && cv.sound {
			decided, end = min(decided, cv.Decided), max(end, cv.To)
		}
	}
	return decided, end
}

func notRecorded(c *Case, st Stretch, f Finding) (Finding, bool) {
	f.From = st.Start.Add(c.Policy.BreakGlassRecord)
	f.Due, f.To = f.From, Forever
	f.Note = "no record with another approver, a reason and an end by " + f.From.String()
	decided, _ := soundRecord(st)
	if decided <= f.From {
		return f, false
	}
	if decided != Forever {
		f.To, f.Closed = decided, ClosedRatified
	}
	if len(st.Gaps) > 0 && st.Gaps[0].From == st.Start {
		f.gap = st.Gaps[0].Interval
	}
	return f, true
}

// notClosed looks at the end that the record states, or the longest an emergency
// may last: by then the access is to be over and the account's secret changed.
func notClosed(c *Case, st Stretch, f Finding) (Finding, bool) {
	f.From = st.Start.Add(c.Policy.BreakGlassAtMost)
	if _, end := soundRecord(st); end != 0 {
		f.From = min(f.From, end)
	}
	f.Due = f.From.Add(c.Grace + st.Unc)
	rotated := c.rotatedAfter(st, f.Account)
	if max(st.End, rotated) <= f.Due {
		return f, false
	}
	switch {
	case st.End > f.Due:
		f.Note = "not closed by " + f.From.String()
	default:
		f.Note = "its secret not rotated by " + f.From.String()
	}
	f.To = max(st.End, rotated)
	switch {
	case f.To == Forever:
	case rotated > st.End:
		f.Closed, f.Basis = ClosedRotated, Observed
	default:
		f.close(c, st, Gap{Interval: Interval{f.From, st.End}})
	}
	for _, g := range st.Gaps {
		if g.To > f.From && g.After != nil {
			f.gap = g.Interval
		}
	}
	return f, true
}

// rotatedAfter is when an account's secret was changed after its last sign of life;
// Ever where it need not be.
func (c *Case) rotatedAfter(st Stretch, account events.ID) Time {
	if account == "" || !c.Policy.BreakGlassRotate {
		return Ever
	}
	if i := slices.IndexFunc(c.Rotations, func(t Time) bool { return t >= st.LastAlive }); i >= 0 {
		return c.Rotations[i]
	}
	return Forever
}
