package draw

import (
	"slices"

	"github.com/overstay/overstay/correlator/review"
)

// group is the lanes of one kind in one system.
type group struct {
	kind   review.LaneKind
	system string
	// lanes are shown one by one; rest is many that nothing is to be said of, which
	// become one row.
	lanes []review.Lane
	rest  []review.Lane
}

// few is how many lanes are all shown one by one; where there are more, of each group
// only the remarkable ones are, and at most so many of a group.
const (
	few        = 36
	fewOfGroup = 24
)

// groups puts the lanes of a history into groups.
func groups(h *review.History) []group {
	var out []group
	for _, l := range h.Lanes {
		i := slices.IndexFunc(out, func(g group) bool { return g.kind == l.Kind && g.system == system(l) })
		if i < 0 {
			i = len(out)
			out = append(out, group{kind: l.Kind, system: system(l)})
		}
		out[i].lanes = append(out[i].lanes, l)
	}
	slices.SortStableFunc(out, func(a, b group) int { return kindOrder[a.kind] - kindOrder[b.kind] })
	if len(h.Lanes) <= few {
		return out
	}
	rests := map[string]bool{}
	for _, l := range h.Lanes {
		if weight(l) > 0 {
			for _, b := range l.Windows {
				rests[b.Source+" "+b.Approval] = true
			}
		}
	}
	for i := range out {
		out[i].fold(func(l review.Lane) int {
			if l.Kind == review.LaneApproval && rests[l.Source+" "+l.ID] {
				return max(weight(l), 1)
			}
			return weight(l)
		})
	}
	return out
}

var kindOrder = map[review.LaneKind]int{
	review.LanePerson: 0, review.LaneApproval: 1, review.LaneSession: 2, review.LaneLease: 3, review.LaneMembership: 4,
}

// fold makes one row of the lanes without weight. One alone stays itself.
func (g *group) fold(weight func(review.Lane) int) {
	shown := g.weighty(weight)
	var lanes, rest []review.Lane
	for i, l := range g.lanes {
		if shown[i] {
			lanes = append(lanes, l)
		} else {
			rest = append(rest, l)
		}
	}
	if len(rest) > 1 {
		g.lanes, g.rest = lanes, rest
	}
}

// weighty chooses the lanes of a group that are shown one by one.
func (g *group) weighty(weight func(review.Lane) int) map[int]bool {
	var order []int
	for i, l := range g.lanes {
		if weight(l) > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if d := weight(g.lanes[b]) - weight(g.lanes[a]); d != 0 {
			return d
		}
		return int(min(max(g.lanes[b].Overrun-g.lanes[a].Overrun, -1), 1))
	})
	shown := map[int]bool{}
	for _, i := range order[:min(len(order), fewOfGroup)] {
		shown[i] = true
	}
	return shown
}

// weight is how much a lane asks to be looked at; 0: nothing is to be said of it.
func weight(l review.Lane) int {
	has := func(states ...review.SpanState) bool {
		return slices.ContainsFunc(l.Spans, func(s review.Span) bool { return slices.Contains(states, s.State) })
	}
	switch {
	case l.Overrun > 0:
		return 5
	case len(l.Alerts) > 0:
		return 4
	case l.Others, has(review.SpanClaimed, review.SpanRatified):
		return 3
	case slices.ContainsFunc(l.Marks, func(m review.Mark) bool { return m.Late && m.What != "used" && m.What != "seen" }):
		return 2
	}
	return 0
}
