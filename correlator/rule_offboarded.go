package correlator

// OV-012: the person's account is closed in a realm that the policy calls
// authoritative, and an access of theirs is still open.
var ruleOffboarded = Rule{
	ID: "OV-012", Name: "offboarded-live", Title: "Access of somebody who has left", Default: false, Severity: Critical,
	Attacks:  []Attack{cloudAccounts, additionalSecrets},
	Controls: []string{"800-53:PS-4", "800-53:AC-2(3)", "pci:8.2.5", "nhi:NHI1:2025", "iso27001:A.6.5"},
	access: func(c *Case) []Finding {
		if len(c.Closed) == 0 || len(c.Stretches) == 0 {
			return nil
		}
		// The last account to be closed is when the person had left.
		left := c.Closed[0]
		for _, a := range c.Closed[1:] {
			if a.Since > left.Since {
				left = a
			}
		}
		st := c.Stretches[len(c.Stretches)-1]
		due := left.Since.Add(c.Policy.Offboarding.After)
		if !st.Open() && st.End <= due || left.Reopened != 0 && left.Reopened <= due {
			return nil
		}
		from := max(left.Since, st.Start)
		f := Finding{Account: left.ID, From: from, To: st.End, Due: max(due, st.Start), Used: st.LastUse > left.Since}
		f.close(c, st, Gap{Interval: Interval{from, st.End}})
		if left.Reopened != 0 && (f.Closed == "" || left.Reopened < st.End) {
			f.Closed, f.To = ClosedReenabled, left.Reopened
		}
		return []Finding{f}
	},
}
