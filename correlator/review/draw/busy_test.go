package draw_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

var eight = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// happens is an event that is said some minutes after eight, to the second.
type happens struct {
	minute float64
	typ    events.Type
	source string
	data   events.Data
}

// play makes a log of what happens, in order of time, with ticks, and the history of
// one person in it.
func play(t *testing.T, who events.ID, said []happens, until float64) *review.History {
	t.Helper()
	log := memory.New(memory.Options{})
	n := 0
	add := func(minute float64, typ events.Type, source string, about events.ID, data events.Data) {
		n++
		at := eight.Add(time.Duration(minute * float64(time.Minute))).Truncate(time.Second)
		if tick, ok := data.(*events.Tick); ok {
			tick.Wall, tick.Monotonic = at, events.Duration(at.Sub(eight))
		}
		ev, err := events.New(typ, source, fmt.Sprint("e", n), at, about, data)
		if err != nil {
			t.Fatal(err)
		}
		header, body, err := events.EncodeNATS(ev)
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(t.Context(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(said, func(a, b happens) int { return int((a.minute - b.minute) * 60) })
	for minute := 0.; minute <= until; minute += .25 {
		add(minute, events.ClockTick, "overstay://engine", "", &events.Tick{Boot: "b"})
		for len(said) > 0 && said[0].minute <= minute {
			add(said[0].minute, said[0].typ, said[0].source, who, said[0].data)
			said = said[1:]
		}
	}
	src := &review.Source{Name: "test", Log: log, Label: review.Label{Strength: review.Strong, Reason: "the whole log"},
		Compile: func(text string) (*correlator.Policy, error) { return policy.Load("policy", []byte(text)) }}
	h, err := review.Timeline(t.Context(), src, review.TimelineQuery{Subject: who}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// busyDay is a day of somebody with 500 accesses under eight approvals of an hour, of
// which a few outlive theirs.
func busyDay(t *testing.T) *review.History {
	t.Helper()
	var said []happens
	for a := range 8 {
		from := float64(60 * a)
		said = append(said, happens{from, events.ApprovalGranted, "pam://x", &events.Approval{
			ApprovalID: fmt.Sprintf("REQ-%d", 2040+a), Requester: "corp:alice", DecidedBy: "corp:bob", Ticket: fmt.Sprint("INC-", 7+a),
			Scopes: []events.Scope{{System: "aws/prod", Role: fmt.Sprintf("deploy-%d", a)}, {System: "k8s/prod", Role: fmt.Sprintf("deploy-%d", a)}},
			Window: &events.Window{Start: eight.Add(time.Duration(a) * time.Hour), End: eight.Add(time.Duration(a+1) * time.Hour), EndKind: events.EndAt},
		}})
	}
	for i := range 492 {
		a := i % 8
		start := float64(60*a) + 1 + float64(i*37%480)/10
		end := min(start+5+float64(i*17%90)/10, float64(60*a)+59)
		scope := events.Scope{System: []string{"aws/prod", "k8s/prod"}[i/8%2], Role: fmt.Sprintf("deploy-%d", a)}
		if i%71 == 5 {
			end = float64(60*a) + 62 + float64(i%5)*9
		}
		if i%4 == 0 {
			id := fmt.Sprintf("s-%04d", i)
			said = append(said,
				happens{start, events.SessionStarted, "k8s://prod", &events.Session{SessionID: id, Scope: scope, Start: eight.Add(time.Duration(start * float64(time.Minute))).Truncate(time.Second)}},
				happens{start + 1, events.AccessUsed, "k8s://prod", &events.Use{Access: events.AccessRef{Kind: events.KindSession, ID: id}}},
				happens{end, events.SessionEnded, "k8s://prod", &events.Session{SessionID: id}})
			continue
		}
		id := fmt.Sprintf("aws/creds/deploy/%04d", i)
		said = append(said,
			happens{start, events.LeaseIssued, "vault://prod", &events.Lease{LeaseID: id, Scope: scope, Credential: "dynamic"}},
			happens{end, events.LeaseRevoked, "vault://prod", &events.Lease{LeaseID: id, End: &events.End{Basis: events.EndObserved}}})
	}
	for i := range 8 {
		said = append(said, happens{float64(3 + 50*i), events.MembershipAdded, "ldap://corp", &events.Membership{Scope: events.Scope{System: "ldap/corp", Role: fmt.Sprintf("cn=team-%d,ou=groups,dc=example,dc=com", i)}}})
	}
	return play(t, "corp:alice", said, 560)
}
