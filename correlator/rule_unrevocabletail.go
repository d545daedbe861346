package correlator

import (
	"fmt"

	"github.com/overstay/overstay/events"
)

// OV-004: a credential that nobody can revoke outlasts the window, and when it
// really ends. It tells what OV-003 does not, a life without an exact end, and
// leaves the time behind the window to OV-001 and OV-019: one fact, one alert.
var ruleUnrevocableTail = Rule{
	ID: "OV-004", Name: "unrevocable-tail", Title: "Credential that cannot be revoked outlasts its approval", Default: false, Severity: Low,
	Attacks:  []Attack{applicationToken},
	Controls: []string{"800-53:AC-12", "nhi:NHI7:2025"},
	says: func(a *Alert, f FacetView, past bool) string {
		hold := "holds"
		if past || a.State == Resolved {
			hold = "was to hold"
		}
		return fmt.Sprintf("%s %s %s, which nobody can revoke, %s, beyond the end of the window at %s%s",
			a.who(f), hold, a.things(f), f.Note, f.From, a.underApproval())
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Nothing ends it before. Watch its use until then, or change what it opens at " + f.Scope.System + "."
	},
	access: func(c *Case) []Finding {
		if c.Revocable {
			return nil
		}
		var out []Finding
		for _, st := range c.Stretches {
			if f, ok := unrevocableTail(c, st); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func unrevocableTail(c *Case, st Stretch) (Finding, bool) {
	exact := !c.Policy.enabled("OV-003", true)
	f, ok := forecast(c, st, func(e expiryAct) (Time, bool) {
		switch e.Kind {
		case events.ExpiryExact:
			return e.Exp, exact
		case events.ExpiryUpperBound:
			return e.Exp, true
		case events.ExpiryNever:
			return Forever, true
		}
		return 0, false
	})
	if !ok {
		return f, false
	}
	switch st.ExpiryKind {
	case events.ExpiryNever:
		f.Note = "for ever"
	case events.ExpiryUpperBound:
		f.Note = "until " + st.Expiry.String() + " at the latest"
	default:
		f.Note = "until " + st.Expiry.String()
	}
	switch told := c.Policy.enabled("OV-001", true) || c.Policy.enabled("OV-019", true); {
	case f.Closed != "":
	case c.Now >= f.Again && told:
		f.Closed, f.To = ClosedOutlived, f.Again
	case c.Now >= f.Again:
		f.Again, f.To = 0, st.End
		f.close(c, st, Gap{Interval: Interval{f.From, st.End}})
	}
	return f, true
}
