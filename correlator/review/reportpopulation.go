package review

import (
	"cmp"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// facetOf names the kinds of access as a seal does.
var facetOf = map[events.AccessKind]string{
	events.KindSession: "session", events.KindLease: "credential", events.KindMembership: "directory",
}

// approvalRef names an approval.
type approvalRef struct{ source, id string }

// approvals is the population of the period: every approval one of whose windows, or
// one of whose acts, lies in it.
func (c *collection) approvals() []ReportApproval {
	out := []ReportApproval{}
	c.view.EachApproval(func(a correlator.ApprovalRecord) bool {
		if c.concerns(a) {
			out = append(out, c.approval(a))
		}
		return true
	})
	slices.SortStableFunc(out, func(a, b ReportApproval) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (c *collection) concerns(a correlator.ApprovalRecord) bool {
	return slices.ContainsFunc(a.Windows, func(w correlator.CoverView) bool { return w.From < w.To && w.From < c.to && c.from < w.To }) ||
		slices.ContainsFunc(a.Facts, func(f correlator.Fact) bool { return c.in(f.At) })
}

func (c *collection) approval(a correlator.ApprovalRecord) ReportApproval {
	out := ReportApproval{
		ID: a.ID, Source: a.Source, Kind: string(a.Kind), Requester: a.Requester, Consumers: a.Consumers, DecidedBy: a.DecidedBy, Ticket: a.Ticket,
		Scopes: []string{}, Sealed: a.Sealed, Alerts: a.Alerts, Unseen: c.view.WithoutConnector(a.Scopes), State: NotGranted, Facts: []ReportFactRef{},
	}
	for _, s := range a.Scopes {
		out.Scopes = append(out.Scopes, s.String())
	}
	for _, f := range a.Facts {
		out.Facts = append(out.Facts, ReportFactRef{What: f.What, Event: f.Event, Position: f.Seq, At: timed(f.At)})
	}
	begin, end := span(a.Windows)
	granted := c.granted[approvalRef{a.Source, a.ID}]
	if begin == correlator.Forever {
		out.Facets = granted.facets(c, 0)
		return out
	}
	out.Begin, out.End = timed(begin), timed(end)
	window := ReportFacet{Facet: "approval", Count: 1}
	if end <= c.view.Now() {
		window.End, window.LastKnownAlive, window.Basis = timed(end), timed(end), correlator.Observed
	} else {
		window.Open = 1
	}
	out.Facets = append([]ReportFacet{window}, granted.facets(c, end)...)
	out.State = granted.state(end, c.view.Now())
	if out.State != InForce && out.State != StillHeld && out.State != CoveredOn {
		out.Assurance = granted.assurance()
		out.Proven = out.Assurance.Proves()
	}
	return out
}

// span is from when to when windows that are not empty cover; Forever and 0 where
// there are none.
func span(windows []correlator.CoverView) (begin, end correlator.Time) {
	begin = correlator.Forever
	for _, w := range windows {
		if w.From < w.To {
			begin, end = min(begin, w.From), max(end, w.To)
		}
	}
	return begin, end
}

// granted is what an approval granted, by kind of access.
type granted map[events.AccessKind]*grantedKind

type grantedKind struct {
	count, open int
	end, endLo  correlator.Time
	event       string
	position    uint64
	basis       correlator.Basis
	uncovered   time.Duration // the longest
	exposed     bool          // uncovered beyond grace
	exposedNow  bool          // open, and no window covers it
}

// grant adds a stretch to what each approval granted that granted it.
func (c *collection) grant(x correlator.AccessView, st correlator.StretchView) {
	var by []approvalRef
	for _, cv := range st.Covers {
		if ref := (approvalRef{cv.Source, cv.Approval}); cv.Grants && !slices.Contains(by, ref) {
			by = append(by, ref)
		}
	}
	for _, a := range by {
		if c.granted[a] == nil {
			c.granted[a] = granted{}
		}
		k := c.granted[a][x.Kind]
		if k == nil {
			k = &grantedKind{}
			c.granted[a][x.Kind] = k
		}
		k.add(c.view, a, x, st)
	}
}

func (k *grantedKind) add(v *correlator.View, a approvalRef, x correlator.AccessView, st correlator.StretchView) {
	k.count++
	switch {
	case st.End == correlator.Forever:
		k.open++
	default:
		if k.basis == "" || k.basis.Stronger(st.Basis) {
			k.basis = st.Basis
		}
		if st.End > k.end || st.End == k.end && st.EndEvent >= k.event {
			k.end, k.endLo, k.event, k.position = st.End, st.EndLo, st.EndEvent, positionOf(x, st.EndEvent)
		}
	}
	for _, gap := range st.Gaps {
		if (approvalRef{gap.AfterSource, gap.After}) != a {
			continue
		}
		lasts := min(gap.To, v.Now()).Sub(gap.From)
		k.uncovered = max(k.uncovered, lasts)
		k.exposed = k.exposed || lasts > v.Grace(x.Kind)
		k.exposedNow = k.exposedNow || gap.To == correlator.Forever && lasts > v.Grace(x.Kind)
	}
}

// positionOf is the place in the log of an event about an access, 0 where it is none
// of its own.
func positionOf(x correlator.AccessView, event string) uint64 {
	for _, f := range x.Facts {
		if f.Event == event {
			return f.Seq
		}
	}
	return 0
}

// facets lists the kinds in the order of a seal. end is the approval's, 0 for none.
func (g granted) facets(c *collection, end correlator.Time) []ReportFacet {
	out := []ReportFacet{}
	for _, kind := range []events.AccessKind{events.KindSession, events.KindLease, events.KindMembership} {
		k := g[kind]
		if k == nil {
			continue
		}
		f := ReportFacet{Facet: facetOf[kind], Count: k.count, Open: k.open, Basis: k.basis, Uncovered: seconds(k.uncovered), Event: k.event, Position: k.position}
		last := k.end
		if k.open > 0 {
			last, f.Event, f.Position = c.view.Now(), "", 0
		} else {
			f.End, f.LastKnownAlive = timed(k.end), timed(k.endLo)
		}
		if end != 0 && last > end {
			f.Overrun = seconds(last.Sub(end))
		}
		out = append(out, f)
	}
	return out
}

// state is how an approval with a window stands.
func (g granted) state(end, now correlator.Time) string {
	open, exposed, held := false, false, false
	for _, k := range g {
		open, exposed, held = open || k.open > 0, exposed || k.exposed, held || k.exposedNow
	}
	switch {
	case end > now:
		return InForce
	case held:
		return StillHeld
	case exposed:
		return Overran
	case open:
		return CoveredOn
	}
	return InTime
}

// assurance is the weakest basis of the ends, as a seal states it.
func (g granted) assurance() correlator.Basis {
	weakest := correlator.Basis("")
	for _, k := range g {
		if k.basis != "" && (weakest == "" || weakest.Stronger(k.basis)) {
			weakest = k.basis
		}
	}
	return cmp.Or(weakest, correlator.Observed)
}
