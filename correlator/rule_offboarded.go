package correlator

import "fmt"

// OV-012: the person's account is closed in a realm that the policy calls
// authoritative, and an access of theirs is still open.
var ruleOffboarded = Rule{
	ID: "OV-012", Name: "offboarded-live", Title: "Access of somebody who has left", Default: false, Severity: Critical,
	Attacks:  []Attack{cloudAccounts, additionalSecrets},
	Controls: []string{"800-53:PS-4", "800-53:AC-2(3)", "pci:8.2.5", "nhi:NHI1:2025", "iso27001:A.6.5"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s although %s was closed at %s", a.who(f), f.held(past), a.things(f), a.Account, f.From)
	},
	remedy: func(*Alert, FacetView) string {
		return "End every access listed, then confirm at its target; disabling an account ends none of them."
	},
	access: func(c *Case) []Finding {
		if c.Left == nil {
			return nil
		}
		var out []Finding
		for _, gone := range c.Left.Gone {
			for _, st := range c.Stretches {
				if f, ok := offboarded(c, st, gone); ok {
					out = append(out, f)
				}
			}
		}
		return out
	},
}

// offboarded judges one stretch of holding access against one time of having
// left.
func offboarded(c *Case, st Stretch, gone Interval) (Finding, bool) {
	due := max(gone.From.Add(c.Policy.Offboarding.After), st.Start)
	if st.End <= due || gone.To <= due {
		return Finding{}, false
	}
	from := max(gone.From, st.Start)
	f := Finding{Account: c.Left.Account, From: from, To: st.End, Due: due, Used: st.LastUse > from}
	f.close(c, st, Gap{Interval: Interval{from, st.End}})
	if gone.To != Forever && (f.Closed == "" || gone.To < st.End) {
		f.Closed, f.To = ClosedReenabled, gone.To
	}
	return f, true
}
