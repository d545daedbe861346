package correlator

import "fmt"

// OV-007: a window has ended and nothing was issued or used under it. It is said
// only where all systems in which the right exists are read, and were when the
// window began.
var ruleUnused = Rule{
	ID: "OV-007", Name: "approval-unused", Title: "Approval was not used", Default: false, Severity: Informational,
	Controls: []string{"800-53:AC-6(7)"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		nothing := "Nothing"
		if past || a.State == Resolved {
			nothing = "nothing"
		}
		return fmt.Sprintf("%s was issued or used under%s: %s, from %s to %s", nothing, a.ofApproval(), a.scopes(), f.From, f.To)
	},
	remedy: func(*Alert, FacetView) string {
		return "Ask whether it was needed; where this repeats, approve for shorter or not in advance."
	},
	approval: func(c *ApprovalCase) []Finding {
		begin, end := c.begin(), c.end()
		if c.Accesses > 0 || !c.Granted || end == 0 || end == Forever || end <= begin || !c.Read || c.AccessesFrom > begin {
			return nil
		}
		f := Finding{From: begin, To: end, Due: end}
		if end <= c.Now {
			f.Closed = ClosedEnded // it is told as it was
		}
		return []Finding{f}
	},
}
