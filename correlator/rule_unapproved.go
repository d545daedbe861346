package correlator

import "fmt"

// OV-005: access on a watched scope that no window granted and none covers.
// Baseline is exempt, and so is time that no source of approvals saw.
var ruleUnapproved = Rule{
	ID: "OV-005", Name: "unapproved", Title: "Access without approval", Default: false, Severity: High,
	Attacks:  []Attack{additionalRoles},
	Controls: []string{"800-53:AC-2", "800-53:AC-6", "csf2:PR.AA-05", "nhi:NHI5:2025", "pci:7.2.3", "soc2:CC6.3"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s without any approval since %s", a.who(f), f.held(past), a.things(f), f.From)
	},
	access: func(c *Case) []Finding {
		if !c.Watched || c.Baseline || !c.ApprovalsSeen || c.Subject == "" {
			return nil
		}
		grace := c.Grace
		if c.BreakGlass {
			grace = max(grace, c.Policy.BreakGlassRecord)
		}
		var out []Finding
		for _, st := range c.Stretches {
			for _, g := range st.Gaps {
				due, long := g.long(grace)
				if g.After != nil || !long || st.granted(g) {
					continue
				}
				f := Finding{PerAccess: true, From: g.From, To: g.To, Due: due, Used: g.Used, gap: g.Interval}
				f.close(c, st, g)
				out = append(out, f)
			}
		}
		return out
	},
}

// granted reports whether the gap is only the lead of a window that granted the
// access and was decided by then: a tool made it a little early.
func (st Stretch) granted(g Gap) bool {
	for _, c := range st.Covers {
		if c.Grants && c.Full && c.From == g.To && c.Decided <= g.From && g.From >= c.From.Add(-grantLead) {
			return true
		}
	}
	return false
}
