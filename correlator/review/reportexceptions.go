package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
)

// alertStory is one alert, as revision after revision tells it.
type alertStory struct {
	Exception
	severity correlator.Severity
	// lives are the times in which it stood; the last may be open.
	lives []life
	about []correlator.Time // when what it tells of began
}

type life struct{ from, to correlator.Time }

func standing(s correlator.AlertState) bool {
	return s == correlator.Raised || s == correlator.Updated
}

// told takes note of a revision.
func (c *collection) told(a *correlator.Alert) {
	s, ok := c.alerts[a.ID]
	if !ok {
		s = &alertStory{Exception: Exception{
			ID: a.ID, Rule: string(a.Rule.ID), Title: a.Rule.Title, Controls: append([]string{}, a.Rule.Controls...),
			Raised: timed(a.Told), Due: timed(a.Due), First: a.Origin.Seq,
		}}
		c.alerts[a.ID] = s
		c.order = append(c.order, a.ID)
	}
	s.Standing, s.Provisional, s.Closing, s.Closed = standing(a.State), a.Provisional, string(a.Closing), ""
	s.Revisions, s.Accesses, s.Open, s.Message, s.Policy, s.Last = a.Revision, a.Total, a.Open, a.Message(), a.Policy, a.Origin.Seq
	s.Source = a.Source
	if a.Approval != nil {
		s.Approval = a.Approval.ID
	}
	if who := a.About(); who != "" {
		s.Subject = who
	}
	if a.Severity > s.severity {
		s.severity, s.Severity = a.Severity, a.Severity.String()
	}
	for _, f := range a.Facets {
		s.about = append(s.about, f.From)
	}
	for _, m := range a.Marks {
		s.mark(m)
	}
	s.live(a.State, a.Told)
	s.Disposition = disposition(a.State, a.Provisional, a.Closing)
}

// live notes when it stands.
func (s *alertStory) live(state correlator.AlertState, at correlator.Time) {
	n := len(s.lives)
	open := n > 0 && s.lives[n-1].to == correlator.Forever
	switch {
	case standing(state) && !open:
		s.lives = append(s.lives, life{at, correlator.Forever})
	case !standing(state):
		if open {
			s.lives[n-1].to = at
		}
		s.Closed = timed(at)
	}
}

// mark keeps the last mark of each kind by each operator.
func (s *alertStory) mark(m correlator.MarkView) {
	mark := ReportMark{What: m.What, By: m.By, Why: m.Why, At: timed(m.At), Until: timed(m.Until), Position: m.Seq}
	i := slices.IndexFunc(s.Marks, func(o ReportMark) bool { return o.What == m.What && o.By == m.By })
	if i < 0 {
		s.Marks = append(s.Marks, mark)
		return
	}
	s.Marks[i] = mark
}

func disposition(state correlator.AlertState, provisional bool, closing correlator.Closing) string {
	switch {
	case state == correlator.Retracted:
		return "withdrawn: it was never so"
	case state == correlator.Resolved:
		return "closed: " + cmp.Or(string(closing), "no reason was told")
	case provisional:
		return "open, provisional"
	}
	return "open"
}

// exceptions lists the alerts that concern the period: those that stand first, then
// by severity, then as they were told.
func (c *collection) exceptions() []Exception {
	var found []*alertStory
	for _, id := range c.order {
		if s := c.alerts[id]; s.concerns(c) {
			found = append(found, s)
		}
	}
	found = append(found, c.fromBefore()...)
	slices.SortStableFunc(found, func(a, b *alertStory) int {
		if a.Standing != b.Standing {
			if a.Standing {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.severity, a.severity)
	})
	out := []Exception{}
	for _, s := range found {
		s.Disposition += marksOf(s.Marks)
		out = append(out, s.Exception)
	}
	return out
}

// concerns reports whether it stood in the period, or is about something that began
// in it.
func (s *alertStory) concerns(c *collection) bool {
	return slices.ContainsFunc(s.lives, func(l life) bool { return l.from < c.to && c.from < max(l.to, l.from+1) }) ||
		slices.ContainsFunc(s.about, c.in)
}

// fromBefore lists the alerts that stood already in the state that the reading began
// with, and of which nothing was told since.
func (c *collection) fromBefore() []*alertStory {
	var out []*alertStory
	c.view.EachAlert(func(a correlator.AlertRecord) bool {
		if c.alerts[a.ID] != nil || !standing(a.State) || a.Raised >= c.to {
			return true
		}
		s := &alertStory{severity: a.Severity, Exception: Exception{
			ID: a.ID, Rule: string(a.Rule), Severity: a.Severity.String(), Standing: true, Provisional: a.Provisional, Approval: a.Approval, Source: a.Source,
			Subject: string(a.Account), Raised: timed(a.Raised), Revisions: a.Revision, Accesses: a.Total, Open: a.Open, Message: a.Said, Controls: []string{},
			Disposition: disposition(a.State, a.Provisional, ""),
		}}
		for _, r := range correlator.Rules() {
			if r.ID == a.Rule {
				s.Title, s.Controls = r.Title, append(s.Controls, r.Controls...)
			}
		}
		out = append(out, s)
		return true
	})
	return out
}

// marksOf says what operators said of it.
func marksOf(marks []ReportMark) string {
	var b strings.Builder
	for _, m := range marks {
		b.WriteString("; " + m.What + " by " + m.By)
		if m.Until != "" {
			b.WriteString(" until " + m.Until)
		}
		if m.Why != "" {
			b.WriteString(" (" + m.Why + ")")
		}
	}
	return b.String()
}
