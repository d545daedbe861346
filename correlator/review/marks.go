package review

import (
	"cmp"
	"context"
	"fmt"

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
