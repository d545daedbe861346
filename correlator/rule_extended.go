package correlator

import "fmt"

// OV-019: a renewal, a reissue or a chain of roles carried an access past the
// end of the window that granted it. It speaks instead of OV-001.
var ruleExtended = Rule{
	ID: "OV-019", Name: "extended-unapproved", Title: "Access was extended past its approval", Default: true, Severity: High,
	Attacks:  []Attack{temporaryElevated},
	Controls: []string{"800-53:AC-2(2)", "pci:7.2.3", "nhi:NHI7:2025"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		how := ", extended"
		if a.Approval != nil && a.Approval.End > 0 && f.Start >= a.Approval.End {
			how = "" // nothing was extended: it began too late
		}
		return fmt.Sprintf("%s %s %s%s%s %s", a.who(f), f.held(past), a.things(f), how, f.overrun(), a.pastWindow(f))
	},
	access: func(c *Case) []Finding {
		return overruns(c, func(g Gap) bool { return g.Carried })
	},
}
