package correlator

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestWhatAccessIsToIsKeptInKeeping: to what right an access is may be told without its
// record, and is told right when that has been found out better since.
func TestWhatAccessIsToIsKeptInKeeping(t *testing.T) {
	const vault, teleport = "vault://prod", "teleport://prod"
	const who events.ID = "corp:ann"
	role := func(name string) events.Scope { return events.Scope{System: "vault/prod", Role: name} }
	var msgs []Message
	at := historyStart
	say := func(typ events.Type, source string, subject events.ID, d events.Data) {
		at = at.Add(time.Second)
		msgs = append(msgs, Message{Origin: Origin{"log", 1, uint64(len(msgs) + 1)}, Event: events.Event{
			ID: fmt.Sprint("e", len(msgs)), Source: source, Type: typ, Time: at, Subject: subject, Data: d,
		}})
	}
	lease := func(id string, subject events.ID, scope events.Scope) {
		say(events.LeaseIssued, vault, subject, &events.Lease{LeaseID: id, Credential: events.CredentialDynamic, Scope: scope})
	}
	grant := func(id string, scope events.Scope) {
		say(events.ApprovalGranted, teleport, who, &events.Approval{
			ApprovalID: id, Requester: who, Scopes: []events.Scope{scope}, DecidedAt: at,
			Window: &events.Window{Start: at, End: at.Add(time.Hour), EndKind: events.EndAt},
		})
	}
	others := func() {
		for i := range 6 {
			lease(fmt.Sprint("other", i), events.ID(fmt.Sprint("corp:other", i)), role("other"))
		}
	}
	say(events.ClockTick, "overstay://clock", "", &events.Tick{Wall: at, Boot: "b"})
	lease("ann's", who, role("reader"))
	others()
	grant("asked first", role("reader"))
	lease("ann's", who, role("writer"))
	others()
	grant("asked then", role("writer"))

	alone, together := memState{}, memState{}
	run := NewWorking(together)
	run.Keep(2)
	key := makeAccessKey(events.KindLease, vault, "ann's")
	asked := 0
	for i, m := range msgs {
		if m.Event.Type == events.ApprovalGranted {
			if _, decoded := run.accesses.peek(key); decoded {
				t.Fatalf("message %d: the record is decoded: nothing is told without it", i)
			}
			asked++
		}
		Step(alone, DefaultPolicy(), m)
		run.Step(DefaultPolicy(), m)
		run.Flush()
		run.Over(together)
	}
	if asked != 2 {
		t.Fatalf("asked %d times", asked)
	}
	for _, k := range slices.Sorted(maps.Keys(alone)) {
		if alone[k] != together[k] {
			t.Errorf("%q: each step alone: %q, together: %q", k, alone[k], together[k])
		}
	}
	if x := NewWorking(together).access(key); !slices.Contains(x.Granted, makeApprovalKey(teleport, "asked then")) && !slices.Contains(x.Bears, makeApprovalKey(teleport, "asked then")) {
		t.Errorf("the approval for what it is to does not bear on it: granted %q, bears %q", x.Granted, x.Bears)
	}
}
