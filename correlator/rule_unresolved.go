package correlator

import (
	"fmt"

	"github.com/overstay/overstay/events"
)

// OV-024: an access whose subject is linked to nobody, or to two. Nothing that is
// said about persons holds for it.
var ruleUnresolved = Rule{
	ID: "OV-024", Name: "identity-unresolved", Title: "Access of nobody known", Default: false, Severity: Medium,
	Attacks:  []Attack{validAccounts},
	Controls: []string{"800-53:IA-4", "800-53:AU-3"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s, and %s", a.who(f), f.held(past), a.things(f), f.Note)
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Find out who " + string(f.Subject) + " is, and link it: by a join or a link in the policy, or in the directory."
	},
	access: func(c *Case) []Finding {
		if c.Kind == events.KindMembership {
			return nil
		}
		var out []Finding
		for _, st := range c.Stretches {
			if st.Baseline || st.Unresolved == nil {
				continue
			}
			due := st.Start.Add(c.Grace + st.Unc)
			if st.End <= due {
				continue
			}
			f := Finding{Account: c.Subject, From: st.Start, To: st.End, Due: due, Used: st.LastUse > due, Note: st.Unresolved.note()}
			if st.Unresolved.Waiting != "" {
				f.Severity = High
			}
			f.close(c, st, Gap{Interval: Interval{st.Start, st.End}})
			out = append(out, f)
		}
		return out
	},
}

func (u *unresolved) note() string {
	out := "that id is linked to nobody"
	if len(u.Anchors) > 1 {
		out = fmt.Sprintf("that id is linked to %s and %s, who are two", u.Anchors[0], u.Anchors[1])
	}
	if u.Waiting != "" {
		_, id := u.Waiting.split()
		out += "; approval " + id + " for the same right waits for somebody"
	}
	return out
}
