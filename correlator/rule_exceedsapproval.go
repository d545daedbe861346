package correlator

import "fmt"

// OV-006: there is an approval for the right, and access was made under it that
// reaches further: a higher level, or more of the system.
var ruleExceedsApproval = Rule{
	ID: "OV-006", Name: "exceeds-approval", Title: "Access exceeds its approval", Default: false, Severity: High,
	Attacks:  []Attack{additionalRoles},
	Controls: []string{"800-53:AC-6(7)", "nhi:NHI5:2025"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s, more than approved: approval %s%s covers %s", a.who(f), f.held(past), a.things(f), a.approvalID(), a.decider(), f.Note)
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			if f, ok := exceedsApproval(c, st); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

// exceedsApproval looks at a stretch that began in the window of an approval for
// less, and at the gap with which it begins. What was there before the window is
// standing access, which the approval has nothing to do with.
func exceedsApproval(c *Case, st Stretch) (Finding, bool) {
	if st.Baseline || len(st.Gaps) == 0 {
		return Finding{}, false
	}
	g := st.Gaps[0]
	due, long := g.long(c.Grace)
	if g.From != st.Start || g.After != nil || !long || st.granted(g) {
		return Finding{}, false
	}
	for _, cv := range st.Covers {
		if cv.Full || !beganWithin(st.Episode, cv.Window) {
			continue
		}
		f := Finding{Approval: cv.Approval, From: g.From, To: g.To, Due: due, Used: g.Used, gap: g.Interval, Severity: High,
			Note: scopesOf(cv.Scopes)}
		if !c.Policy.knows(c.Scope) {
			f.Severity = Medium
		}
		f.close(c, st, g)
		return f, true
	}
	return Finding{}, false
}
