package correlator

import "github.com/overstay/overstay/events"

// OV-001: a window that granted an access is over and the access is not, or was
// not for longer than the grace.
var ruleOutlived = Rule{
	ID: "OV-001", Name: "outlived", Title: "Access outlived its approval", Default: true, Severity: High,
	Attacks: []Attack{cloudAccounts, temporaryElevated},
	Controls: []string{
		"800-53:AC-2(2)", "800-53:AC-2(3)", "800-53:AC-12", "csf2:PR.AA-05", "nhi:NHI1:2025", "nhi:NHI7:2025",
		"pci:7.2.5", "pci:8.2.5", "soc2:CC6.2", "soc2:CC6.3", "iso27001:A.5.18", "iso27001:A.8.2",
	},
	Retracts: true,
	access:   func(c *Case) []Finding { return overruns(c, func(g Gap) bool { return true }) },
}

// overruns finds the gaps behind a granting window that last beyond the grace.
func overruns(c *Case, want func(Gap) bool) []Finding {
	var out []Finding
	for _, st := range c.Stretches {
		for _, g := range st.Gaps {
			if g.After == nil || !want(g) || c.awaitsRotation() && !g.Used {
				continue
			}
			due, long := g.long(c.Grace)
			if !long {
				continue
			}
			f := Finding{Approval: g.After.Approval, Until: g.Until, From: g.From, To: g.To, Due: due, Used: g.Used, gap: g.Interval}
			f.close(c, st, g)
			if c.EndsReport != events.EndsAlways && !g.Alive && !c.surelyAlive(st) {
				f.Weak, f.Severity = true, Low
			}
			if st.Pending {
				f.Weak, f.Severity = true, Low
			}
			out = append(out, f)
		}
	}
	return out
}

// awaitsRotation: a secret that was read ends by being changed alone, and OV-026
// says when it should have been.
func (c *Case) awaitsRotation() bool {
	return c.Credential == events.CredentialStatic && c.Policy.enabled("OV-026", false)
}

// surelyAlive: a credential that nobody can revoke lives until its exact expiry,
// whether or not its source reports ends.
func (c *Case) surelyAlive(st Stretch) bool {
	return !c.Revocable && st.ExpiryKind == events.ExpiryExact && (st.Expiry > c.Now || st.Basis == Scheduled)
}
