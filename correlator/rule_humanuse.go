package correlator

import "fmt"

// OV-018: a workload's credential in the hands of a person.
var ruleHumanUse = Rule{
	ID: "OV-018", Name: "human-use", Title: "A workload's credential is used by a person", Default: false, Severity: High,
	Attacks:  []Attack{cloudAccounts},
	Controls: []string{"pci:8.6.1", "nhi:NHI10:2025"},
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s of %s, a workload, was used interactively at %s", a.things(f), f.Note, f.From)
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Find who was at the keyboard, end " + f.what() + ", and change the credential: whoever used it knows it."
	},
	access: func(c *Case) []Finding {
		if c.Workload == "" {
			return nil
		}
		var out []Finding
		for _, st := range c.Stretches {
			if st.Interactive == 0 {
				continue
			}
			f := Finding{PerAccess: true, From: st.Interactive, To: st.End, Due: st.Interactive, Immediate: true,
				Used: st.LastUse > st.Interactive, Note: string(c.Workload)}
			f.close(c, st, Gap{Interval: Interval{st.Interactive, st.End}})
			out = append(out, f)
		}
		return out
	},
}
