package correlator

import (
	"fmt"

	"github.com/overstay/overstay/events"
)

// OV-003: at issue or renewal the exact expiry lies beyond the end that the
// granting window had then. It resolves if the access ends in time or is covered,
// and passes into OV-001 or OV-019 if not.
var ruleWillOutlive = Rule{
	ID: "OV-003", Name: "will-outlive", Title: "Credential will outlive its approval", Default: true, Severity: Medium,
	Attacks:  []Attack{temporaryElevated},
	Controls: []string{"800-53:AC-2(2)", "800-53:IA-5", "nhi:NHI7:2025", "pci:8.6.3"},
	says: func(a *Alert, f FacetView, past bool) string {
		hold := "holds"
		if past || a.State == Resolved {
			hold = "was to hold"
		}
		return fmt.Sprintf("%s %s %s until %s, %s beyond the end of the window%s",
			a.who(f), hold, a.things(f), f.Expiry, span(f.Expiry.Sub(f.From)), a.underApproval())
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			if f, ok := willOutlive(c, st); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func willOutlive(c *Case, st Stretch) (Finding, bool) {
	if st.ExpiryKind != events.ExpiryExact && st.Basis != Scheduled {
		return Finding{}, false
	}
	f, ok := forecast(c, st, func(e expiryAct) (Time, bool) { return e.Exp, e.Kind == events.ExpiryExact })
	if ok && !c.Revocable {
		f.Severity = High
	}
	if ok && f.Closed == "" && c.Now >= f.Again {
		f.Closed, f.To = ClosedOutlived, f.Again
	}
	return f, ok
}
