package review

import (
	"cmp"
	"slices"
	"time"
)

// finish cuts the lanes to what was asked for, puts them in order and counts.
func (c *timelineRun) finish(h *History) {
	begins := c.logBegins()
	alerts := map[string]bool{}
	if h.Alert != "" {
		alerts[h.Alert] = true
	}
	done := map[*Lane]bool{}
	for _, l := range c.lanes {
		if done[l] {
			continue // known by two ids
		}
		done[l] = true
		for i := range l.Marks {
			m := &l.Marks[i]
			_, before := c.knownAt(m.Position)
			m.Late = !m.At.Before(begins) && before.Sub(m.At) > LateAfter
		}
		slices.SortFunc(l.Marks, func(a, b Mark) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Position, b.Position), cmp.Compare(a.What, b.What), cmp.Compare(a.Event, b.Event))
		})
		if !l.within(h.From, h.To) {
			continue
		}
		h.Lanes = append(h.Lanes, *l)
		for _, id := range l.Alerts {
			alerts[id] = true
		}
	}
	slices.SortFunc(h.Lanes, func(a, b Lane) int {
		return cmp.Or(cmp.Compare(laneOrder[a.Kind], laneOrder[b.Kind]), a.begin().Compare(b.begin()),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	for id := range alerts {
		if n, ok := c.notice(id); ok {
			h.Alerts = append(h.Alerts, n)
		}
	}
	slices.SortFunc(h.Alerts, func(a, b Notice) int {
		return cmp.Or(a.Revisions[0].At.Compare(b.Revisions[0].At), cmp.Compare(a.ID, b.ID))
	})
	h.frame()
	h.count()
}

var laneOrder = map[LaneKind]int{LanePerson: 0, LaneApproval: 1, LaneSession: 2, LaneLease: 3, LaneMembership: 4}

// logBegins is the first log time.
func (c *timelineRun) logBegins() time.Time {
	for _, k := range c.clock {
		if k.at != 0 {
			return k.at.Std()
		}
	}
	return time.Time{}
}

// within reports whether something of a lane lies in a range; zero bounds nothing.
func (l *Lane) within(from, to time.Time) bool {
	in := func(begin, end time.Time) bool {
		return (from.IsZero() || !end.Before(from)) && (to.IsZero() || begin.Before(to))
	}
	return slices.ContainsFunc(l.Spans, func(s Span) bool { return in(s.From, s.To) }) ||
		slices.ContainsFunc(l.Marks, func(m Mark) bool { return in(m.At, m.At) })
}

// begin is when a lane begins, as far as that is known.
func (l *Lane) begin() time.Time {
	var first time.Time
	take := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, s := range l.Spans {
		take(s.From)
	}
	for _, m := range l.Marks {
		take(m.At)
	}
	return first
}

// notice is what was told of an alert in this replay.
func (c *timelineRun) notice(id string) (Notice, bool) {
	told := c.told[id]
	if len(told) == 0 {
		return Notice{}, false
	}
	last := told[len(told)-1]
	n := Notice{ID: id, Rule: last.Rule, State: last.State, Severity: last.Severity, Message: last.Message}
	for _, t := range told {
		n.Revisions = append(n.Revisions, NoticeRevision{
			Revision: t.Revision, At: t.At, State: t.State, Severity: t.Severity, Provisional: t.provisional(), Message: t.Message, Position: t.Origin.Seq,
		})
	}
	return n, true
}

// count sums up.
func (h *History) count() {
	s := &h.Summary
	for _, l := range h.Lanes {
		switch l.Kind {
		case LaneApproval:
			s.Approvals++
		case LaneSession, LaneLease, LaneMembership:
			if !l.Others {
				s.Accesses++
			}
		}
		if l.Overrun > 0 {
			s.Overran++
			s.Longest = max(s.Longest, l.Overrun)
		}
		if l.Open {
			s.Open++
		}
		if slices.ContainsFunc(l.Spans, func(s Span) bool { return s.State == SpanClaimed }) {
			s.Unproven++
		}
		for _, m := range l.Marks {
			if m.What == "used" {
				s.Uses++
			}
			if m.Late {
				s.Late++
			}
		}
	}
}
