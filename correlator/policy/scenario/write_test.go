package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestAWrittenScenarioIsPlayed: what a log said is written in the order and at the
// times at which the log had it, with what then comes, and plays as it stands.
func TestAWrittenScenarioIsPlayed(t *testing.T) {
	at := func(clock string) time.Time {
		out, err := time.Parse(time.RFC3339, "2026-03-02T"+clock+"Z")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	said := func(typ events.Type, source, when string, about events.ID, data events.Data) events.Event {
		ev, err := events.New(typ, source, "e"+when, at(when), about, data)
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	db := events.Scope{System: "db"}
	w := Write("incident.yaml", "A lease outlives its window.\nIt is told a minute after.", "grace: {lease: 1m}\n", at("09:00:00"))
	for _, err := range []error{
		w.Source("vault://prod", at("08:00:00"), events.Capabilities{Progress: true, Every: events.Duration(10 * time.Second)}),
		w.Event(at("09:00:00"), said(events.ApprovalGranted, "pam://x", "09:00:00", "corp:alice: the first", &events.Approval{
			ApprovalID: "REQ-1", Requester: "corp:alice: the first", Scopes: []events.Scope{db}, DecidedBy: "bob",
			Window: &events.Window{Start: at("09:00:00"), End: at("10:00:00"), EndKind: events.EndAt},
		})),
		w.Event(at("09:10:00"), said(events.LeaseIssued, "vault://prod", "09:05:00", "corp:alice: the first", &events.Lease{LeaseID: "L1", Scope: db})),
		w.Event(at("09:10:00"), said(events.AccessUsed, "vault://prod", "09:20:00", "corp:alice: the first", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L1"}})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Down(at("09:30:00"), at("09:40:00"), true)
	w.Silent(at("09:45:00"), "vault://prod")
	w.Heard(at("09:50:00"), "vault://prod")
	w.Policy(at("09:55:00"), "grace:\n  lease: 2m\n")
	w.Until(at("10:03:00"))
	text, played, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if !played.OK() {
		t.Error("it is not as it is expected")
	}
	for _, want := range []string{
		"# A lease outlives its window.\n# It is told a minute after.\npolicy:\n  grace: {lease: 1m}\nstart: 2026-03-02T09:00:00Z\nsources:\n  vault://prod: {",
		`  - "09:00:00 pam://x approval.granted corp:alice: the first": {`,
		"  - 09:10:00\n  - \"09:05:00 late vault://prod lease.issued ",
		`  - "09:20:00 early vault://prod access.used `,
		"  - 09:30:00\n  - 09:40:00 restarted\n  - 09:45:00 vault://prod silent\n",
		"  - 09:50:00 vault://prod heard\n",
		"  - 09:55:00 policy:\n      grace:\n        lease: 2m\n  - 10:03:00\n  - expect: |\n      10:02:00 raised OV-001 r1 high",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("there is no\n%s\nin\n%s", want, text)
		}
	}
}
