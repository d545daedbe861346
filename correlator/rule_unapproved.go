package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// OV-005: access on a watched scope that no window granted and none covers.
// Baseline is exempt, and so is time that no source of approvals saw.
var ruleUnapproved = Rule{
	ID: "OV-005", Name: "unapproved", Title: "Access without approval", Default: false, Severity: High,
	Attacks:  []Attack{additionalRoles},
	Controls: []string{"800-53:AC-2", "800-53:AC-6", "csf2:PR.AA-05", "nhi:NHI5:2025", "pci:7.2.3", "soc2:CC6.3"},
	access: func(c *Case) []Finding {
		if !c.Watched || c.Baseline || !c.ApprovalsSeen || c.Subject == "" {
			return nil
		}
		grace := c.Grace
		if containsAny(c.Policy.BreakGlass, c.Person) {
			grace = max(grace, c.Policy.BreakGlassRecord)
		}
		var out []Finding
		for _, st := range c.Stretches {
			for _, g := range st.Gaps {
				due, long := g.long(grace)
				if g.After != nil || !long {
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

func containsAny(list, ids []events.ID) bool {
	for _, id := range ids {
		if slices.Contains(list, id) {
			return true
		}
	}
	return false
}
