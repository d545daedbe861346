package correlator

import "fmt"

// OV-009: the source reports that it could not revoke.
var ruleRevocationFailed = Rule{
	ID: "OV-009", Name: "revocation-failed", Title: "Revocation failed", Default: true, Severity: High,
	Attacks:  []Attack{cloudAccounts},
	Controls: []string{"800-53:AC-2(3)", "800-53:SI-4(5)"},
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s could not be revoked from %s at %s%s", a.things(f), a.who(f), f.From, note(f.Note))
	},
	remedy: func(*Alert, FacetView) string {
		return "Remove the credential at its target by hand, then confirm there that it no longer works."
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			if st.Failed == 0 {
				continue
			}
			g := Gap{Interval: Interval{st.Failed, st.End}}
			f := Finding{PerAccess: true, From: st.Failed, To: st.End, Due: st.Failed, Immediate: true,
				Used: st.LastUse > st.Failed, Note: st.FailedNote}
			f.close(c, st, g)
			out = append(out, f)
		}
		return out
	},
}
