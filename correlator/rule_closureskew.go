package correlator

import (
	"fmt"
	"strings"
)

// OV-010: all that an approval gave has ended, the approval itself included, but
// further apart than the policy allows. What its holder closed, or what ran out,
// before the approval was over was closed in time, whenever that was.
var ruleClosureSkew = Rule{
	ID: "OV-010", Name: "closure-skew", Title: "Closed at different times", Default: false, Severity: Low,
	Controls: []string{"800-53:AU-12(1)", "soc2:CC6.3"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		what := "What"
		if past || a.State == Resolved {
			what = "what"
		}
		return fmt.Sprintf("%s%s gave ended %s apart: %s", what, a.ofApproval(), span(f.To.Sub(f.From)), f.Note)
	},
	remedy: func(*Alert, FacetView) string {
		return "Find out what ends each system's part, and why the last is late; have one act end them all."
	},
	approval: func(c *ApprovalCase) []Finding {
		if len(c.Closures) < 2 {
			return nil
		}
		first, last := Forever, Ever
		var ends []string
		for _, cl := range c.Closures {
			if cl.InTime {
				continue
			}
			first, last = min(first, cl.End), max(last, cl.End)
			ends = append(ends, cl.Of+" "+cl.End.String())
		}
		if last.Sub(first) <= c.Policy.ClosureWithin {
			return nil
		}
		return []Finding{{From: first, To: last, Due: c.ClosedAt, Closed: ClosedEnded, Note: strings.Join(ends, ", ")}}
	},
}

// closure is when one part of what an approval gave was closed.
type closure struct {
	Of  string // as a seal names it
	End Time
	// InTime: it ended by itself before the approval was over.
	InTime bool
}

// closures lists the approval and the kinds of access that it granted, in the
// order of a seal.
func (g *grantedSum) closures(end Time) []closure {
	out := []closure{{Of: "approval", End: end}}
	for _, kind := range accessKinds {
		if f, ok := g.Kinds[kind]; ok {
			out = append(out, closure{facetNames[kind], f.End, f.End <= end && !takenAway(f.Cause)})
		}
	}
	return out
}
