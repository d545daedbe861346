package correlator

import "fmt"

// OV-013: a workload's account has no owner, or its owner has left, and nobody took
// it over in time.
var ruleOwnerGone = Rule{
	ID: "OV-013", Name: "owner-gone", Title: "Workload without an owner", Default: false, Severity: Medium,
	Attacks:  []Attack{additionalSecrets},
	Controls: []string{"pci:7.2.5.1", "nhi:NHI1:2025"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		has := "has"
		if past || a.State == Resolved {
			has = "had"
		}
		return fmt.Sprintf("%s %s nobody to answer for it since %s: %s", a.Account, has, f.From, f.Note)
	},
	remedy: func(*Alert, FacetView) string {
		return "Find who needs it and make them its owner, or close it; change its secrets if the former owner knew them."
	},
	account: func(c *AccountCase) []Finding {
		if !c.Workload {
			return nil
		}
		var out []Finding
		for _, o := range c.Ownerless {
			due := o.From.Add(c.Policy.Workloads.Takeover)
			if o.To <= due {
				continue
			}
			f := Finding{Account: c.ID, From: o.From, To: o.To, Due: due, Note: "it has no owner"}
			if o.Owner != "" {
				f.Note = fmt.Sprintf("its owner %s has left", o.Owner)
			}
			switch {
			case o.To == Forever:
			case o.Closed:
				f.Closed = ClosedEnded
			default:
				f.Closed = ClosedOwned
			}
			out = append(out, f)
		}
		return out
	},
}
