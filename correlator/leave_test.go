package correlator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// said is what a publication says, without what only shows how much is still known:
// the facets that it names, and into how many gaps it counts a past that is reopened.
func said(p Publication) string {
	if s := p.Seal; s != nil {
		out := fmt.Sprintf("seal %s proven=%t %s", s.Approval.ID, s.Proven, s.Assurance)
		for _, f := range s.Facets {
			out += fmt.Sprintf(" %s=%d@%s/%s+%s", f.Facet, f.Count, f.End, f.Basis, f.Overrun)
		}
		return out
	}
	a := p.Alert
	return fmt.Sprintf("%s %s.%d %s %s provisional=%t open=%d %q", a.Rule.ID, a.ID, a.Revision, a.State, a.Severity, a.Provisional, a.Open, a.Closing)
}

// longLog lays a history over days out as a log: each event when it happened or a
// little later, ticks between, progress of every source or of none.
func longLog(t *rapid.T, h history, late time.Duration, promised bool) []Message {
	type arrival struct {
		at time.Time
		ev events.Event
	}
	var in []arrival
	for _, ev := range h.events {
		if reachesBack(ev) || beforeItsIssue(h, ev, late) {
			continue
		}
		in = append(in, arrival{ev.Time.Add(time.Duration(rapid.Int64Range(0, int64(late)).Draw(t, "late"))), ev})
	}
	slices.SortStableFunc(in, func(a, b arrival) int { return a.at.Compare(b.at) })
	var out []Message
	add := func(ev events.Event) {
		out = append(out, Message{Origin: Origin{"log", 1, uint64(len(out) + 1)}, Event: ev})
	}
	tick := func(at time.Time) {
		for _, at := range []time.Time{at, at.Add(catchUpFor)} {
			add(events.Event{ID: fmt.Sprint("t", len(out)), Source: "overstay://clock", Type: events.ClockTick, Time: at,
				Data: &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(historyStart))}})
		}
	}
	if len(in) == 0 {
		t.Skip("nothing of it is left")
	}
	// That its source speaks of approvals is known from the start.
	first, err := events.New(events.ApprovalRequested, "pam://x", "e-first", historyStart.Add(-time.Hour), "pam/u:zed", &events.Approval{ApprovalID: "R0", Scopes: []events.Scope{{System: "db"}}})
	if err != nil {
		t.Fatal(err)
	}
	add(first)
	end := in[len(in)-1].at.Add(5 * 24 * time.Hour)
	for at := historyStart; at.Before(end); at = at.Add(2 * time.Hour) {
		for len(in) > 0 && in[0].at.Before(at) {
			add(in[0].ev)
			in = in[1:]
		}
		for _, uri := range []string{"pam://x", "vault://v", "ldap://c"} {
			if promised {
				ev, err := events.New(events.SourceProgress, uri, fmt.Sprint("p", len(out)), at, "", &events.Progress{Through: at.Add(-late), Basis: events.ByPosition})
				if err != nil {
					t.Fatal(err)
				}
				add(ev)
			}
		}
		tick(at)
	}
	return out
}

// reachesBack reports whether an event changes what was so long before it: it
// extends a window from its old end on, or says who somebody always was. What has
// left the state is not judged by such a word again.
func reachesBack(ev events.Event) bool {
	switch d := ev.Data.(type) {
	case *events.IdentityLink:
		return true
	case *events.Approval:
		return ev.Type == events.ApprovalExtended || ev.Type == events.ApprovalAltered && d.Window != nil
	}
	return false
}

// beforeItsIssue reports whether an event speaks of a lease that is issued for the
// first time later, or continues one: a source says so within hours, not days.
func beforeItsIssue(h history, ev events.Event, late time.Duration) bool {
	var id string
	switch d := ev.Data.(type) {
	case *events.Lease:
		id = d.LeaseID
		if len(d.Parents) > 0 {
			id = d.Parents[0].ID
		} else if ev.Type == events.LeaseIssued {
			return false
		}
	case *events.Use:
		id = d.Access.ID
	case *events.Probe:
		id = d.Access.ID
	}
	first := time.Time{}
	for _, other := range h.events {
		if d, lease := other.Data.(*events.Lease); lease && other.Source == "vault://v" && other.Type == events.LeaseIssued && d.LeaseID == id && (first.IsZero() || other.Time.Before(first)) {
			first = other.Time
		}
	}
	return !first.IsZero() && first.Add(late).After(ev.Time)
}

// TestLeavingChangesNothingThatIsTold: what leaves the working state, and comes back
// when something new is heard, is told of as if it had stayed.
func TestLeavingChangesNothingThatIsTold(t *testing.T) {
	left := 0
	rapid.Check(t, func(t *rapid.T) {
		h := genHistoryOf(t, plainKinds, 24, time.Hour)
		log := longLog(t, h, 3*time.Hour, rapid.Bool().Draw(t, "promised"))
		watched := rapid.Bool().Draw(t, "watched")
		tell := func(horizon time.Duration) []string {
			pol := DefaultPolicy()
			pol.Horizon = horizon
			pol.AfterEnd, pol.RotateWithin = min(pol.AfterEnd, horizon), min(pol.RotateWithin, horizon)
			off := false // it would speak of the test's own silences
			pol.Rules = map[RuleID]RuleSetting{"OV-022": {Enabled: &off}}
			if watched {
				pol.Watched = []ScopePattern{{System: "db"}, {System: "ldap/c"}}
				pol.Rules["OV-005"] = RuleSetting{Enabled: &watched}
			}
			st := memState{}
			w := NewWorking(st)
			var out []string
			sealed := map[string]string{}
			for _, m := range log {
				for _, p := range w.Step(pol, m).Publish {
					if s := p.Seal; s != nil {
						// One that is told again since a system has a connector by
						// now says nothing new of the access.
						if sealed[s.Approval.ID] == said(p) {
							continue
						}
						sealed[s.Approval.ID] = said(p)
					}
					out = append(out, fmt.Sprintf("%d %s", m.Origin.Seq, said(p)))
				}
			}
			w.Flush()
			st.Scan([]byte(keyPastAccess), nil, func(_, _ []byte) bool {
				if horizon < 24*time.Hour {
					left++
				}
				return true
			})
			return out
		}
		stays, leaves := tell(1000*24*time.Hour), tell(6*time.Hour)
		if !slices.Equal(stays, leaves) {
			for _, m := range log {
				if m.Event.Type != events.ClockTick && m.Event.Type != events.SourceProgress {
					t.Logf("%d %s %s %s %s %+v", m.Origin.Seq, m.Event.Time, m.Event.Source, m.Event.Type, m.Event.Subject, m.Event.Data)
				}
			}
			t.Fatalf("all stays:\n%s\n\nwhat is over leaves:\n%s", strings.Join(stays, "\n"), strings.Join(leaves, "\n"))
		}
	})
	if left == 0 {
		t.Error("nothing ever left")
	}
}
