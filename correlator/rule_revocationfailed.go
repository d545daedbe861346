package correlator

// OV-009: the source reports that it could not revoke.
var ruleRevocationFailed = Rule{
	ID: "OV-009", Name: "revocation-failed", Title: "Revocation failed", Default: true, Severity: High,
	Attacks:  []Attack{cloudAccounts},
	Controls: []string{"800-53:AC-2(3)", "800-53:SI-4(5)"},
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
