package correlator

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// months is a small company over a long time: every day the same number of people
// ask for access, get it, use it and lose it, some of it late.
type months struct {
	t    *testing.T
	st   *sortedState
	w    *Working
	pol  *Policy
	rng  *rand.Rand
	seq  uint64
	n    int
	due  []events.Event // what happens later, unordered
	told int
	// last is the last revision told of each alert.
	last map[string]uint64
}

func (m *months) step(ev events.Event) {
	m.seq++
	for _, p := range m.w.Step(m.pol, Message{Origin: Origin{"log", 1, m.seq}, Event: ev}).Publish {
		if a := p.Alert; a != nil {
			if m.last[a.ID] >= a.Revision {
				m.t.Fatalf("%s of %s is told as revision %d after %d", a.Rule.ID, a.ID, a.Revision, m.last[a.ID])
			}
			m.last[a.ID] = a.Revision
			m.told++
		}
	}
	if m.seq%64 == 0 {
		m.w.Flush()
		m.w.Over(m.st)
	}
}

func (m *months) event(typ events.Type, source string, at time.Time, subject events.ID, d events.Data) events.Event {
	m.n++
	ev, err := events.New(typ, source, fmt.Sprint("e", m.n), at, subject, d)
	if err != nil {
		m.t.Fatal(err)
	}
	return ev
}

func (m *months) later(ev events.Event) { m.due = append(m.due, ev) }

// ask is one request: an approval for an hour, and a lease, a session with a child
// lease, or a membership under it.
func (m *months) ask(at time.Time) {
	m.n++
	person := events.ID(fmt.Sprintf("pam/u:p%d", m.rng.IntN(40)))
	scope := events.Scope{System: "db", Role: fmt.Sprintf("r%d", m.rng.IntN(5))}
	req := fmt.Sprint("REQ-", m.n)
	end := at.Add(time.Hour)
	m.later(m.event(events.ApprovalRequested, "pam://x", at, person, &events.Approval{ApprovalID: req, Scopes: []events.Scope{scope}}))
	if m.rng.IntN(10) == 0 {
		return // nobody decides
	}
	m.later(m.event(events.ApprovalGranted, "pam://x", at.Add(time.Minute), person, &events.Approval{
		ApprovalID: req, Scopes: []events.Scope{scope}, Window: &events.Window{Start: at.Add(time.Minute), End: end, EndKind: events.EndAt}}))
	stop := end.Add(-time.Duration(m.rng.IntN(40)) * time.Minute)
	if m.rng.IntN(10) == 0 {
		stop = end.Add(time.Duration(m.rng.IntN(300)) * time.Minute) // late
	}
	begin := at.Add(2 * time.Minute)
	basis := []events.EndBasis{events.EndClaimed, events.EndObserved}[m.rng.IntN(2)]
	switch m.rng.IntN(4) {
	case 0:
		id := fmt.Sprint("L", m.n)
		m.later(m.event(events.LeaseIssued, "vault://v", begin, person, &events.Lease{LeaseID: id, Scope: scope,
			Expiry: &events.Expiry{Kind: events.ExpiryExact, At: stop}}))
	case 1:
		id := fmt.Sprint("T", m.n)
		alias := events.ID(fmt.Sprintf("vault/e:%d", m.n)) // a new entity each time
		m.later(m.event(events.LeaseIssued, "vault://v", begin, person, &events.Lease{LeaseID: id, Scope: scope, Meta: events.Meta{Aliases: []events.ID{alias}}}))
		for i := range 3 {
			child := fmt.Sprint(id, "-", i)
			m.later(m.event(events.LeaseIssued, "vault://v", begin.Add(time.Minute), person, &events.Lease{LeaseID: child, Scope: scope,
				Parents: []events.Parent{{AccessRef: events.AccessRef{Kind: events.KindLease, ID: id}, Edge: []events.ParentEdge{events.EdgeCascade, events.EdgeDerived, events.EdgeReissue}[i]}}}))
			m.later(m.event(events.LeaseRevoked, "vault://v", stop, "", &events.Lease{LeaseID: child, End: &events.End{Basis: basis}}))
		}
		m.later(m.event(events.LeaseRevoked, "vault://v", stop, "", &events.Lease{LeaseID: id, End: &events.End{Basis: basis}}))
		if m.rng.IntN(20) == 0 { // and days later it is used all the same
			m.later(m.event(events.AccessUsed, "vault://v", stop.Add(80*time.Hour), "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: id}}))
			m.later(m.event(events.LeaseRevoked, "vault://v", stop.Add(81*time.Hour), "", &events.Lease{LeaseID: id + "-2", End: &events.End{Basis: events.EndObserved}}))
		}
	case 2:
		id := fmt.Sprint("S", m.n)
		m.later(m.event(events.SessionStarted, "ssh://s", begin, person, &events.Session{SessionID: id, Scope: scope, Start: begin}))
		m.later(m.event(events.SessionEnded, "ssh://s", stop, person, &events.Session{SessionID: id, Scope: scope, End: &events.End{Basis: events.EndObserved}}))
	case 3:
		group := events.Scope{System: "ldap/c", Role: fmt.Sprintf("cn=g%d", m.rng.IntN(5))}
		m.later(m.event(events.MembershipAdded, "ldap://c", begin, person, &events.Membership{Scope: group}))
		m.later(m.event(events.MembershipRemoved, "ldap://c", stop, person, &events.Membership{Scope: group}))
	}
}

func (m *months) classes() map[string]int {
	m.w.Flush()
	out := map[string]int{}
	for _, k := range m.st.keys {
		out[k[:1]]++
	}
	return out
}

// TestTheStateDoesNotGrow: over a year the number of keys follows what is
// open, what ended within the horizon and what is still remembered of the ninety days
// before, and not how long the program has run.
func TestTheStateDoesNotGrow(t *testing.T) {
	const days, each = 360, 6
	pol := DefaultPolicy()
	never := false
	pol.Rules = map[RuleID]RuleSetting{"OV-022": {Enabled: &never}} // it would speak of how rarely this test ticks
	m := &months{t: t, st: newSortedState(), pol: pol, rng: rand.New(rand.NewPCG(1, 2)), last: map[string]uint64{}}
	m.w = NewWorking(m.st)
	work := map[int]int{}
	total := map[int]int{}
	now := historyStart
	for day := range days {
		for range each {
			m.ask(historyStart.Add(time.Duration(day)*24*time.Hour + time.Duration(m.rng.IntN(600))*time.Minute))
		}
		for range 24 {
			now = now.Add(time.Hour)
			kept := m.due[:0]
			var happens []events.Event
			for _, ev := range m.due {
				if ev.Time.After(now) {
					kept = append(kept, ev)
				} else {
					happens = append(happens, ev)
				}
			}
			m.due = kept
			for _, ev := range happens {
				m.step(ev)
			}
			for _, uri := range []string{"pam://x", "vault://v"} { // the others promise nothing
				m.step(m.event(events.SourceProgress, uri, now, "", &events.Progress{Through: now, Basis: events.ByPosition}))
			}
			for _, at := range []time.Time{now, now.Add(catchUpFor)} {
				m.step(events.Event{ID: fmt.Sprint("t", m.seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
					Data: &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(historyStart))}})
			}
		}
		if (day+1)%20 == 0 {
			c := m.classes()
			for class, n := range c {
				if class != keyRevisions { // 65,536 at most, ever
					total[day+1] += n
				}
			}
			for class, n := range c {
				switch class {
				case keyPastAccess, keyPastApproval, keyStanding, keyLedger, indexPastUser, indexAlias, indexExpiry, keyRevisions, indexLink:
				default:
					work[day+1] += n
				}
			}
			t.Logf("day %3d: %5d keys, %4d of them worked with, %4d alerts told; %v", day+1, total[day+1], work[day+1], m.told, c)
		}
	}
	if a, b := work[120], work[days]; b > a+a/4 {
		t.Errorf("what is worked with grew from %d keys to %d", a, b)
	}
	if a, b := total[280], total[days]; b > a+a/20 {
		t.Errorf("all that is kept grew from %d keys to %d", a, b)
	}
}
