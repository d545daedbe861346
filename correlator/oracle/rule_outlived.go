package oracle

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// outlived is OV-001, or OV-019 where something carried the access past the end:
// a gap after a window that granted the access.
func (w *world) outlived(x *access, ep episode, g gap, cover []stretch) (Finding, bool) {
	by := grantedBefore(g, cover)
	if by == nil {
		return Finding{}, false
	}
	grace := w.grace(x, by.source)
	due := g.from.Add(grace)
	if g.to.Sub(g.from) <= grace || due.After(w.now) {
		return Finding{}, false
	}
	f := Finding{Rule: "OV-001", Approval: by.id, ApprovalSource: by.source, Source: x.source, Kind: x.kind, ID: x.id, From: g.from, Due: due, Severity: high}
	if w.carried(ep, g, grace) {
		f.Rule = "OV-019"
	}
	f.Severity = w.grade(f.Rule, high)
	f = w.finish(f, ep, g.to, g.closed)
	inside := func(t time.Time) bool { return t.After(g.from) && (t.Before(g.to) || t.Equal(ep.end)) }
	switch {
	case slices.ContainsFunc(ep.uses, inside):
		f.Severity = w.grade(f.Rule, critical)
	case w.ends(x) != events.EndsAlways && !slices.ContainsFunc(ep.signs, inside) && f.Closed == "":
		f.Severity, f.Provisional = low, true
	}
	return f, true
}

// grantedBefore is the granting approval that a gap is an overrun of: the one
// whose window ended last before it.
func grantedBefore(g gap, cover []stretch) *approval {
	var best *stretch
	for i, c := range cover {
		if c.grants && !c.to.After(g.from) && (best == nil || c.to.After(best.to) || c.to.Equal(best.to) && c.by.id < best.by.id) {
			best = &cover[i]
		}
	}
	if best == nil {
		return nil
	}
	return best.by
}

// carried reports whether the access was prolonged, and not only left alone.
func (w *world) carried(ep episode, g gap, grace time.Duration) bool {
	if g.from.Equal(ep.start) {
		return true
	}
	inTime := ep.issue != nil && !ep.issue.At.IsZero() && !ep.issue.At.After(g.from.Add(grace))
	for _, r := range ep.renewals {
		if r.at.After(g.from) && (r.at.Before(g.to) || r.at.Equal(ep.end)) {
			return true
		}
		if !r.at.After(g.from) && inTime && r.expiry != nil && r.expiry.At.After(g.from.Add(grace)) {
			return true
		}
	}
	return false
}
