package correlator

import "fmt"

// OV-016: an access names an approval, whoever asserts it, that is neither its
// holder's nor made out to them.
var ruleDelegationMismatch = Rule{
	ID: "OV-016", Name: "delegation-mismatch", Title: "Approval is used by somebody it is not for", Default: false, Severity: High,
	Attacks:  []Attack{applicationToken},
	Controls: []string{"800-53:IA-9", "800-53:AU-10", "nhi:NHI9:2025"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s under approval %s%s, which is for %s", a.who(f), f.held(past), a.things(f), a.approvalID(), a.decider(), a.users())
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Ask how " + a.who(f) + " came by the approval; end " + f.what() + ", or have the approval altered to name them."
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			for _, ref := range st.Foreign {
				// Who is who is known a little later than who came.
				f := Finding{Approval: ref.Approval, From: st.Start, To: st.End, Due: st.Start.Add(c.Grace + st.Unc), Used: st.LastUse > st.Start}
				g := Gap{Interval: Interval{st.Start, st.End}}
				if ref.Allowed < st.End {
					g.To, g.Ratified, f.To = ref.Allowed, true, ref.Allowed
				}
				f.close(c, st, g)
				if len(st.Gaps) > 0 && st.Gaps[0].From == st.Start {
					f.gap = st.Gaps[0].Interval
				}
				out = append(out, f)
			}
		}
		return out
	},
}
