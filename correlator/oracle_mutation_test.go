package correlator

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/correlator/oracle"
	"github.com/overstay/overstay/events"
)

// mutation is something that a wrong implementation would do, done to what one of
// the two sides is given.
type mutation struct {
	name string
	// drop leaves an event out.
	drop func(events.Event) bool
	// edit changes a copy of an event.
	edit func(*events.Event)
	// set changes the settings.
	set func(*oracle.Settings)
}

var mutations = []mutation{
	{name: "the grace is a second shorter", set: func(s *oracle.Settings) { s.Grace[events.KindLease] -= time.Second }},
	{name: "the grace is a minute longer", set: func(s *oracle.Settings) { s.Grace[events.KindLease] += time.Minute }},
	{name: "memberships have the grace of leases", set: func(s *oracle.Settings) { s.Grace[events.KindMembership] = s.Grace[events.KindLease] }},
	{name: "claims stand unproven for ever", set: func(s *oracle.Settings) { s.HoldUnproven = true }},
	{name: "what is outside of its source's authority counts", set: func(s *oracle.Settings) { s.Sources = nil }},
	{name: "extensions are ignored", drop: ofType(events.ApprovalExtended)},
	{name: "revocations of approvals are ignored", drop: ofType(events.ApprovalRevoked)},
	{name: "alterations are ignored", drop: ofType(events.ApprovalAltered)},
	{name: "activations are ignored", drop: ofType(events.ApprovalActivated)},
	{name: "requests are ignored", drop: ofType(events.ApprovalRequested)},
	{name: "links are ignored", drop: ofType(events.IdentityLinked)},
	{name: "links are never taken back", drop: ofType(events.IdentityUnlinked)},
	{name: "uses are ignored", drop: ofType(events.AccessUsed)},
	{name: "bulk claims are ignored", drop: ofType(events.AccessEndedBefore)},
	{name: "renewals are ignored", drop: ofType(events.LeaseRenewed)},
	{name: "removals are ignored", drop: ofType(events.MembershipRemoved)},
	{name: "consumers are ignored", edit: approvalEdit(func(a *events.Approval) { a.Consumers = nil })},
	{name: "the time of the decision is that of its record", edit: approvalEdit(func(a *events.Approval) { a.DecidedAt = time.Time{} })},
	{name: "a claim is taken for an observation", edit: leaseEdit(func(l *events.Lease) {
		if l.End != nil {
			l.End = &events.End{Basis: events.EndObserved}
		}
	})},
	{name: "expiries are ignored", edit: leaseEdit(func(l *events.Lease) { l.Expiry = nil })},
	{name: "nothing dies with its parent", edit: leaseEdit(func(l *events.Lease) { relabel(l, events.EdgeCascade, events.EdgeDerived) })},
	{name: "a reissue is an access of its own", edit: leaseEdit(func(l *events.Lease) { relabel(l, events.EdgeReissue, events.EdgeDerived) })},
	{name: "parents are ignored", edit: leaseEdit(func(l *events.Lease) { l.Parents = nil })},
	{name: "an issue is told half a minute late", edit: func(ev *events.Event) {
		if ev.Type == events.LeaseIssued {
			ev.Time = ev.Time.Add(30 * time.Second)
		}
	}},
}

func ofType(t events.Type) func(events.Event) bool {
	return func(ev events.Event) bool { return ev.Type == t }
}

func approvalEdit(edit func(*events.Approval)) func(*events.Event) {
	return func(ev *events.Event) {
		if d, ok := ev.Data.(*events.Approval); ok {
			other := *d
			edit(&other)
			ev.Data = &other
		}
	}
}

func leaseEdit(edit func(*events.Lease)) func(*events.Event) {
	return func(ev *events.Event) {
		if d, ok := ev.Data.(*events.Lease); ok {
			other := *d
			edit(&other)
			ev.Data = &other
		}
	}
}

func relabel(l *events.Lease, from, to events.ParentEdge) {
	l.Parents = slices.Clone(l.Parents)
	for i := range l.Parents {
		if l.Parents[i].Edge == from {
			l.Parents[i].Edge = to
		}
	}
}

func (m mutation) of(s oracle.Settings, h history) (oracle.Settings, history) {
	if m.set != nil {
		m.set(&s)
	}
	out := history{ticks: h.ticks}
	for _, ev := range h.events {
		if m.drop != nil && m.drop(ev) {
			continue
		}
		if m.edit != nil {
			m.edit(&ev)
		}
		out.events = append(out.events, ev)
	}
	return s, out
}

// TestOracleFindsWhatIsPlanted: the comparison can fail. Each mutation is given to
// the oracle alone, and must be found within so many histories; without a mutation
// nothing is.
func TestOracleFindsWhatIsPlanted(t *testing.T) {
	const within = 300
	gen := rapid.Custom(genIncident)
	var said [][]string
	var told []history
	for _, m := range append([]mutation{{}}, mutations...) {
		t.Run(m.name, func(t *testing.T) {
			for i := range within {
				if i == len(told) {
					h := gen.Example(i)
					told, said = append(told, h), append(said, facetsOf(t, h, oraclePolicy(), h.inOrder()))
				}
				s, h := m.of(settingsOf(oraclePolicy()), told[i])
				if same := m.name == ""; same != slices.Equal(said[i], oracleSays(s, h, h.inOrder())) {
					if same {
						t.Fatalf("history %d differs without a mutation", i+1)
					}
					t.Logf("found by history %d", i+1)
					return
				}
			}
			if m.name != "" {
				t.Errorf("not found within %d histories", within)
			}
		})
	}
}
