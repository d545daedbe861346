package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// readMarks reads the log a second time for what the state does not keep of the
// lanes: each single use, who did what, and what was said of the person.
func (c *timelineRun) readMarks(ctx context.Context, src *Source) error {
	r := &markReader{timelineRun: c, at: map[uint64][]markRef{}, seen: map[markName]bool{}}
	for _, l := range c.lanes {
		for i, m := range l.Marks {
			r.at[m.Position] = append(r.at[m.Position], markRef{l, i})
			r.seen[markName{l, m.Event}] = true
		}
	}
	in, err := src.Log.Read(ctx, src.After+1)
	if err != nil {
		return fmt.Errorf("read the log again: %w", err)
	}
	defer in.Close()
	all := c.out.Last - src.After
	for last := src.After; last < c.out.Last; {
		m, err := in.Next(ctx)
		if err != nil {
			return fmt.Errorf("read the log again after position %d: %w", last, err)
		}
		last = m.Position
		c.progress((all+last-src.After)/2, all)
		if m.Subject == events.SubjectTick || last > c.out.Last || c.set[last] == correlator.Ignored || c.set[last] == correlator.Unauthorised {
			continue
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil {
			continue // it is in quarantine, and told nobody anything
		}
		r.take(ev, last)
	}
	return nil
}

// markReader reads marks off events.
type markReader struct {
	*timelineRun
	at   map[uint64][]markRef // the marks that there are, by position
	seen map[markName]bool
}

type markRef struct {
	lane  *Lane
	index int
}

type markName struct {
	lane  *Lane
	event string
}

func (r *markReader) take(ev events.Event, position uint64) {
	k, named := named(ev)
	for _, ref := range r.at[position] {
		m := &ref.lane.Marks[ref.index]
		if m.Actor == "" {
			m.Actor = ev.Data.Common().Actor
		}
		if m.Note == "" {
			m.Note = noteOf(ev)
		}
		if named && r.lanes[k] == nil && k.kind == ref.lane.Kind {
			r.lanes[k] = ref.lane // another id of the same access
		}
	}
	lane := r.lanes[k]
	switch {
	case named && lane != nil:
	case !r.ids[ev.Subject] && !r.ids[otherOf(ev)]:
		return
	case ev.Type == events.AccessUsed:
		d := ev.Data.(*events.Use)
		lane = &Lane{Kind: k.kind, Source: k.source, ID: d.Access.ID, Others: true}
		r.lanes[k] = lane
	case ev.Type.Class() == "directory" && !named:
		k = laneKey{kind: LanePerson}
		if lane = r.lanes[k]; lane == nil {
			lane = &Lane{Kind: LanePerson}
			r.lanes[k] = lane
		}
	default:
		return
	}
	name := ev.Source + "|" + ev.ID
	if r.seen[markName{lane, name}] || len(r.at[position]) > 0 {
		return
	}
	r.seen[markName{lane, name}] = true
	known, _ := r.knownAt(position)
	m := Mark{
		What: said(ev), At: ev.Time, Known: known, Actor: ev.Data.Common().Actor, Note: noteOf(ev), Evidence: Evidence{name, position},
	}
	if lane.Kind == LanePerson && m.Actor == "" {
		m.Actor = ev.Subject
	}
	if r.set[position] == correlator.Late {
		m.Note = "came too late to count"
	}
	lane.Marks = append(lane.Marks, m)
}

// named is the lane that an event says itself to be about.
func named(ev events.Event) (laneKey, bool) {
	switch d := ev.Data.(type) {
	case *events.Approval:
		return laneKey{LaneApproval, ev.Source, d.ApprovalID}, true
	case *events.Session:
		return laneKey{LaneSession, ev.Source, d.SessionID}, true
	case *events.Lease:
		return laneKey{LaneLease, ev.Source, d.LeaseID}, true
	case *events.Membership:
		return laneKey{LaneMembership, ev.Source, events.MembershipID(ev.Subject, d.Scope, d.Path)}, d.State != "eligible"
	case *events.Use:
		return laneKey{LaneKind(d.Access.Kind), cmp.Or(d.Access.Source, ev.Source), d.Access.ID}, true
	case *events.Probe:
		return laneKey{LaneKind(d.Access.Kind), cmp.Or(d.Access.Source, ev.Source), d.Access.ID}, true
	case *events.Block:
		if d.Access != nil {
			return laneKey{LaneKind(d.Access.Kind), cmp.Or(d.Access.Source, ev.Source), d.Access.ID}, true
		}
	}
	return laneKey{}, false
}

// otherOf is the second id of a link.
func otherOf(ev events.Event) events.ID {
	if d, ok := ev.Data.(*events.IdentityLink); ok {
		return d.Other
	}
	return ""
}

// said is what an event says of its lane.
func said(ev events.Event) string {
	switch d := ev.Data.(type) {
	case *events.Probe:
		return "probe " + d.Result
	case *events.Block:
		if d.Lifted {
			return "unblocked"
		}
	}
	switch what := ev.Type.What(); ev.Type {
	case events.MembershipAdded:
		return "added"
	case events.MembershipRemoved:
		return "removed"
	case events.LeaseRevocationFailed:
		return "revocation failed"
	case events.AccountCreated, events.AccountDisabled, events.AccountEnabled, events.AccountDeleted:
		return "account " + what[len("account-"):]
	case events.IdentityLinked, events.IdentityUnlinked:
		return "identity " + what[len("identity-"):]
	case events.OwnerChanged:
		return "owner changed"
	case events.JobChanged:
		return "job changed"
	default:
		return what
	}
}

// noteOf is what an event says besides, in a few words.
func noteOf(ev events.Event) string {
	switch d := ev.Data.(type) {
	case *events.Approval:
		return d.Reason
	case *events.Lease:
		return d.Error
	case *events.Session:
		return d.Client
	case *events.Use:
		if d.Interactive != nil && *d.Interactive {
			return "by a person at a keyboard"
		}
		return string(d.Workload)
	case *events.IdentityLink:
		return "with " + string(d.Other)
	}
	return ""
}

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

// frame sets the range that is shown where none was asked for: all that is known to
// have begun or been said. What was there before anybody looked does not stretch it.
func (h *History) frame() {
	from, to := h.From, h.To
	take := func(t time.Time) {
		if t.IsZero() {
			return
		}
		if h.From.IsZero() && (from.IsZero() || t.Before(from)) {
			from = t
		}
		if h.To.IsZero() && t.After(to) {
			to = t
		}
	}
	for _, l := range h.Lanes {
		baseline := slices.ContainsFunc(l.Spans, func(s Span) bool { return s.State == SpanBaseline })
		for _, s := range l.Spans {
			if !baseline {
				take(s.From)
			}
			take(s.To)
		}
		for _, m := range l.Marks {
			if !baseline {
				take(m.At)
			}
			if m.Late {
				take(m.Known)
			}
		}
	}
	for _, n := range h.Alerts {
		for _, r := range n.Revisions {
			take(r.At)
		}
	}
	if from.IsZero() { // nothing but what was always there
		from = h.Now.Add(-time.Hour)
	}
	if !from.Before(to) {
		to = from.Add(time.Minute)
	}
	h.From, h.To = from, to
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
