package correlator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestAnAlertThatComesBackNamesAllItShows: an alert over three memberships is resolved
// and forgotten, and comes back when its approval is revoked after all.
func TestAnAlertThatComesBackNamesAllItShows(t *testing.T) {
	c := newCrowd(t)
	start := clockTime(t, "09:00")
	tick := func(at time.Time) {
		for c.tickOnce(at).Backlog {
		}
	}
	say := func(at time.Time, source string, typ events.Type, subject events.ID, d events.Data) {
		t.Helper()
		ev, err := events.New(typ, source, fmt.Sprint("e", c.seq), at, subject, d)
		if err != nil {
			t.Fatal(err)
		}
		c.step(ev)
	}
	scopes := []events.Scope{{System: "db", Role: "*"}}
	tick(start)
	say(start, "pam://x", events.ApprovalGranted, "alice", &events.Approval{ApprovalID: "R", Requester: "alice", Scopes: scopes,
		Window: &events.Window{Start: start, End: start.Add(time.Hour), EndKind: events.EndAt}})
	for i := range 3 {
		say(start.Add(5*time.Minute), "ldap://c", events.MembershipAdded, "alice", &events.Membership{Scope: events.Scope{System: "db", Role: fmt.Sprint("r", i)}})
	}
	extended := start.Add(100 * time.Minute)
	for at := start.Add(10 * time.Minute); at.Before(extended); at = at.Add(time.Minute) {
		tick(at)
	}
	say(extended, "pam://x", events.ApprovalExtended, "alice", &events.Approval{ApprovalID: "R", Requester: "alice", Scopes: scopes, DecidedAt: extended,
		Window: &events.Window{Start: start, EndKind: events.EndNever}})
	tick(extended.Add(time.Second))
	revoked := start.Add(200 * 24 * time.Hour)
	for at := extended; at.Before(revoked); at = at.Add(6 * time.Hour) {
		tick(at)
	}
	say(revoked, "pam://x", events.ApprovalRevoked, "alice", &events.Approval{ApprovalID: "R", DecidedAt: revoked})
	c.told = nil
	for at := revoked.Add(-time.Minute); at.Before(revoked.Add(20 * time.Minute)); at = at.Add(30 * time.Second) {
		tick(at)
	}
	if len(c.told) != 1 || c.told[0].Alert == nil {
		t.Fatalf("%d told, not one alert", len(c.told))
	}
	if a := c.told[0].Alert; a.Total != 3 || !strings.Contains(a.Message(), "and 2 more") {
		t.Errorf("an alert over %d: %s", a.Total, a.Message())
	}
}
