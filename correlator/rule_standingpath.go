package correlator

import (
	"fmt"
	"slices"

	"github.com/overstay/overstay/events"
)

// OV-011: all that a window granted has ended, and its holder goes on holding the
// right by another way: a nested or primary group, a direct grant, something older.
var ruleStandingPath = Rule{
	ID: "OV-011", Name: "standing-path", Title: "The right is still held by another way", Default: false, Severity: High,
	Attacks:  []Attack{additionalRoles},
	Controls: []string{"800-53:AC-6(7)", "iso27001:A.8.2"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s by another way than approval %s%s, of which all has ended since %s",
			a.who(f), f.held(past), a.things(f), a.approvalID(), a.decider(), f.From)
	},
	remedy: func(a *Alert, f FacetView) string {
		return "Take away " + f.what() + " as well, or approve it as standing access."
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			for _, g := range st.Gaps {
				if f, ok := standingPath(c, st, g); ok {
					out = append(out, f)
				}
			}
		}
		return out
	},
}

// standingPath looks at a gap of an access that no window granted: it is told under
// the approval that authorised it last, though it did not cause it.
func standingPath(c *Case, st Stretch, g Gap) (Finding, bool) {
	if g.After != nil {
		return Finding{}, false
	}
	var last *cover
	for i := range st.Covers {
		cv := &st.Covers[i]
		if cv.spent && cv.To < g.To && c.isPath(st, *cv) && (last == nil || cv.To > last.To) {
			last = cv
		}
	}
	if last == nil {
		return Finding{}, false
	}
	g.From = max(g.From, last.To)
	due, long := g.long(c.Grace)
	if !long {
		return Finding{}, false
	}
	f := Finding{Approval: last.Approval, From: g.From, To: g.To, Due: due, Used: st.LastUse > g.From && st.LastUse <= g.To, gap: g.Interval}
	f.close(c, st, g)
	return f, true
}

// isPath reports whether the stretch is another way to a right that a window gives.
func (c *Case) isPath(st Stretch, cv cover) bool {
	return !cv.Grants && cv.From < cv.To && st.Start < cv.To &&
		slices.ContainsFunc(cv.Scopes, func(approved events.Scope) bool { return c.Policy.sameRight(approved, c.Scope) })
}

// sameRight reports whether who holds a scope has all of what was approved, not
// merely a part of it that comes with less.
func (p *Policy) sameRight(approved, held events.Scope) bool {
	return scopeCovers(approved, held) || slices.ContainsFunc(p.Entitlements, func(e Entitlement) bool {
		a, okA := e.level(approved)
		h, okH := e.level(held)
		return okA && okH && h >= a
	})
}

// setPaths lists the access under the approvals to whose right it is another way,
// so that it is judged when what they granted has ended.
func (s *step) setPaths(x *access, now []approvalKey) {
	for _, k := range x.Paths {
		if !slices.Contains(now, k) {
			s.delist(indexPath, string(k), string(x.Key))
		}
	}
	for _, k := range now {
		if !slices.Contains(x.Paths, k) {
			s.enlist(indexPath, string(k), string(x.Key))
		}
	}
	x.Paths = now
}

// pathsOf lists the approvals to whose right the access is another way.
func (s *step) pathsOf(c *Case) []approvalKey {
	if !s.enabled(&ruleStandingPath) {
		return nil
	}
	var out []approvalKey
	for _, st := range c.Stretches {
		for _, cv := range st.Covers {
			if c.isPath(st, cv) {
				out = append(out, cv.Approval)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// spent reports whether all that an approval granted has ended, and it too.
func (s *step) spent(k approvalKey) bool {
	a := s.approval(k)
	if a == nil || a.Granted == 0 || a.Open > 0 {
		return false
	}
	st := a.fold()
	return st.Granted && st.end() <= s.now()
}
