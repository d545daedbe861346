package draw_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/correlator/review/draw"
	"github.com/overstay/overstay/events"
)

// standing is an hour's approval that a lease outlives, of somebody who has been in a
// group for 400 days and has a lease that nobody ends.
func standing(t *testing.T) *review.History {
	t.Helper()
	db := events.Scope{System: "db/prod", Role: "dba"}
	return play(t, "corp:alice", []happens{
		{-400 * 24 * 60, events.MembershipAdded, "ldap://corp", &events.Membership{Scope: events.Scope{System: "ldap/corp", Role: "cn=staff"}}},
		{-200 * 24 * 60, events.LeaseIssued, "vault://prod", &events.Lease{LeaseID: "old", Scope: events.Scope{System: "vault/prod", Role: "reader"}}},
		{10, events.ApprovalGranted, "pam://x", &events.Approval{
			ApprovalID: "REQ-1", Requester: "corp:alice", DecidedBy: "corp:bob", Scopes: []events.Scope{db},
			Window: &events.Window{Start: eight.Add(10 * time.Minute), End: eight.Add(70 * time.Minute), EndKind: events.EndAt},
		}},
		{12, events.LeaseIssued, "vault://prod", &events.Lease{LeaseID: "L1", Scope: db}},
		{95, events.LeaseRevoked, "vault://prod", &events.Lease{LeaseID: "L1", End: &events.End{Basis: events.EndObserved}}},
	}, 120)
}

// TestStandingAccessComesInFromTheLeft: what was held long before does not press the
// incident together; it says since when.
func TestStandingAccessComesInFromTheLeft(t *testing.T) {
	h := standing(t)
	if at := eight.Add(10 * time.Minute); h.From.Before(at.Add(-time.Hour)) || h.From.After(at) {
		t.Errorf("it is shown from %s on", h.From)
	}
	if h.To.Before(eight.Add(95*time.Minute)) || len(h.Lanes) != 4 {
		t.Errorf("to %s, %d lanes", h.To, len(h.Lanes))
	}
	var text, svg bytes.Buffer
	if err := draw.Text(&text, h, false); err != nil {
		t.Fatal(err)
	}
	if err := draw.SVG(&svg, h); err != nil {
		t.Fatal(err)
	}
	membership, lease := eight.Add(-400*24*time.Hour).Format("2 Jan 2006"), eight.Add(-200*24*time.Hour).Format("2 Jan 2006")
	for _, since := range []string{membership, lease} {
		if !strings.Contains(text.String(), "◀ since "+since+" ") {
			t.Errorf("nothing is there since %s:\n%s", since, text.String())
		}
		if !strings.Contains(svg.String(), ">since "+since+"<") {
			t.Errorf("the picture has nothing since %s", since)
		}
	}
}
