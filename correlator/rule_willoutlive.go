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
	for i := len(st.Expiries) - 1; i >= 0; i-- {
		e := st.Expiries[i]
		w, covered := coverAsDecided(st.Covers, e.T)
		if w == nil || e.T >= covered || e.Exp == 0 {
			continue
		}
		limit := covered.Add(c.Grace + st.Unc)
		if e.Exp <= limit {
			continue
		}
		f := Finding{Approval: w.Approval, From: covered, To: Forever, Due: e.T, Expiry: e.Exp, Forecast: true}
		if !c.Revocable {
			f.Severity = High
		}
		_, now := coverAsDecided(st.Covers, Forever)
		switch {
		case !st.Open() && st.End <= now.Add(c.Grace+st.Unc):
			f.To = st.End
			f.close(c, st, Gap{Interval: Interval{covered, st.End}})
		case st.Expiry <= now.Add(c.Grace+st.Unc):
			f.Closed, f.To = ClosedRecovered, max(e.T, covered)
			if now <= covered {
				f.Closed = ClosedShortened
			}
		case c.Now >= now.Add(c.Grace+st.Unc):
			f.Closed, f.To = ClosedOutlived, now.Add(c.Grace+st.Unc)
		default:
			f.Again = now.Add(c.Grace + st.Unc)
		}
		return f, true
	}
	return Finding{}, false
}

// coverAsDecided is until when windows cover without a break, from a granting one
// on, and that granting window: as was decided by a time, before a revocation or
// an extension that came later.
func coverAsDecided(covers []cover, by Time) (*cover, Time) {
	var w *cover
	var end Time // of w
	var known []Interval
	for i := range covers {
		c := &covers[i]
		if c.Decided > by || !c.Full {
			continue
		}
		to := c.toAsOf(by)
		known = append(known, Interval{c.Nominal, to})
		if c.Grants && (w == nil || to > end) {
			w, end = c, to
		}
	}
	if w == nil {
		return nil, 0
	}
	for _, u := range Union(known) {
		if u.From <= w.Nominal && end <= u.To {
			return w, u.To
		}
	}
	return w, end
}
