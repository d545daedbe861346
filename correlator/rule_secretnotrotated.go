package correlator

import (
	"fmt"

	"github.com/overstay/overstay/events"
)

// OV-026: who read a static secret knows it until it is changed, whatever became of
// the lease that it was read by.
var ruleSecretNotRotated = Rule{
	ID: "OV-026", Name: "secret-not-rotated", Title: "Secret was read and not rotated", Default: false, Severity: High,
	Attacks:  []Attack{unsecuredCredentials},
	Controls: []string{"800-53:IA-5", "pci:8.6.3", "nhi:NHI2:2025", "nhi:NHI7:2025"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		knows := "still knows"
		if past || f.To != Forever {
			knows = "knew"
		}
		return fmt.Sprintf("%s %s the secret of %s, read at %s and not rotated since the end of the window at %s%s",
			a.who(f), knows, a.things(f), f.Start, f.From, a.underApproval())
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Rotate the secret of " + f.Scope.String() + ", and have it done at each return."
	},
	access: func(c *Case) []Finding {
		if c.Credential != events.CredentialStatic {
			return nil
		}
		var out []Finding
		for _, st := range c.Stretches {
			if f, ok := notRotated(c, st); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func notRotated(c *Case, st Stretch) (Finding, bool) {
	w, end := coverAsDecided(st.Covers, Forever)
	if w == nil || end == Forever {
		return Finding{}, false
	}
	f := Finding{Approval: w.Approval, From: max(end, st.Start), To: Forever}
	f.Due = f.From.Add(c.Policy.RotateWithin + st.Unc)
	if st.Rotated != 0 {
		f.To, f.Closed, f.Basis = st.Rotated, ClosedRotated, Observed
	}
	if f.To <= f.Due {
		return Finding{}, false
	}
	for _, g := range st.Gaps {
		if g.From == f.From {
			f.gap = g.Interval
		}
	}
	return f, true
}
