package oracle

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// gap is a part of an episode that nothing covers.
type gap struct {
	span // to is never while it lasts
	// closed says why it ended: by cover again, or with the episode.
	closed string
}

// gaps is an episode minus its cover.
func (w *world) gaps(ep episode, cover []stretch) []gap {
	all := cover
	cover = slices.DeleteFunc(slices.Clone(cover), func(c stretch) bool {
		return c.empty() || !c.from.Before(ep.end) || !c.to.After(ep.start)
	})
	slices.SortFunc(cover, func(a, b stretch) int { return a.from.Compare(b.from) })
	var out []gap
	at := ep.start
	for _, c := range cover {
		if c.from.After(at) {
			g := gap{span: span{at, c.from}, closed: "re-covered"}
			if ratified(g.span, all) {
				g.closed = "ratified"
			}
			out = append(out, g)
		}
		at = later(at, c.to)
	}
	if at.Before(ep.end) {
		out = append(out, gap{span: span{at, ep.end}, closed: "ended"})
	}
	return slices.DeleteFunc(out, func(g gap) bool { return g.from.After(w.now) })
}

// ratified reports whether decisions, made when they may be, cover a gap from its
// beginning to its end.
func ratified(gap span, cover []stretch) bool {
	at := gap.from
	for moved := true; moved && at.Before(gap.to); {
		moved = false
		for _, c := range cover {
			if !c.nominal.After(at) && c.to.After(at) {
				at, moved = c.to, true
			}
		}
	}
	return !at.Before(gap.to)
}

func (w *world) grace(x *access, approvalSource string) time.Duration {
	return w.Grace[x.kind] + w.Sources[x.source].Uncertainty + w.Sources[approvalSource].Uncertainty
}

// judge is what the rules about time without cover say of one episode.
func (w *world) judge(x *access, ep episode) []Finding {
	cover := w.covered(x, ep)
	var out []Finding
	for _, g := range w.gaps(ep, cover) {
		if f, ok := w.outlived(x, ep, g, cover); ok {
			out = append(out, f)
		}
	}
	return out
}

// finish says how a finding about an access stands, given that it would last
// until to.
func (w *world) finish(f Finding, ep episode, to time.Time, closed string) Finding {
	if to.After(w.now) {
		return f
	}
	f.To = to
	f.Closed = closed
	if closed != "ended" {
		return f
	}
	f.Basis = ep.basis
	if ep.basis == "claimed" {
		if w.HoldUnproven || w.now.Before(ep.end.Add(w.UnprovenAfter)) {
			f.Closed, f.Claimed, f.Basis = "", ep.end, ""
			return f
		}
		f.Closed = "ended, unproven"
	}
	return f
}

// ends is what a source of access promises about ends.
func (w *world) ends(x *access) events.EndReporting {
	if e := w.Sources[x.source].Ends[x.kind]; e != "" {
		return e
	}
	return events.EndsAlways
}
