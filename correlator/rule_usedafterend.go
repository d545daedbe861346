package correlator

import "fmt"

// OV-002: somebody whose window has ended begins anew. What the window granted and
// what came of that is OV-001's and OV-019's; this access had no approval at all,
// and its holder knows the way.
var ruleUsedAfterEnd = Rule{
	ID: "OV-002", Name: "used-after-end", Title: "New access after the end of the approval", Default: false, Severity: Critical,
	Attacks:  []Attack{cloudAccounts, applicationToken},
	Controls: []string{"800-53:AC-6(9)", "800-53:AU-6(3)", "csf2:DE.AE-03", "pci:10.2.1.2", "soc2:CC7.2"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s, begun %s%s", a.who(f), f.held(past), a.things(f), f.Note, a.underApproval())
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			if f, ok := usedAfterEnd(c, st); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

func usedAfterEnd(c *Case, st Stretch) (Finding, bool) {
	if st.Baseline || len(st.Gaps) == 0 {
		return Finding{}, false
	}
	g := st.Gaps[0]
	w := lastEnded(st.Covers, st.Start)
	if g.From != st.Start || g.After != nil || w == nil || st.granted(g) {
		return Finding{}, false
	}
	// What may have begun before the end, by the clocks or since only a scan showed
	// it, is not new. The grace is that of the window's end: however short access
	// is, it is new when it begins behind that.
	if st.StartLo <= w.To.Add(g.Unc) || st.Start.Sub(w.To) > c.Policy.AfterEnd {
		return Finding{}, false
	}
	due := max(st.Start, w.To.Add(c.Grace+g.Unc))
	covered := g.To != st.End && g.To <= st.Start.Add(c.Grace+g.Unc)
	if g.To <= due || covered {
		return Finding{}, false
	}
	f := Finding{Approval: w.Approval, From: st.Start, To: g.To, Due: due, Used: g.Used, gap: g.Interval,
		Note: span(st.Start.Sub(w.To)) + " after the end of the window at " + w.To.String()}
	f.close(c, st, g)
	return f, true
}

// lastEnded is the window that covered the right last before a time.
func lastEnded(covers []cover, t Time) *cover {
	var last *cover
	for i := range covers {
		cv := &covers[i]
		if cv.Full && cv.From < cv.To && cv.To <= t && (last == nil || cv.To > last.To) {
			last = cv
		}
	}
	return last
}
