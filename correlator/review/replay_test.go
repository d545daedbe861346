package review_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func compile(text string) (*correlator.Policy, error) { return policy.Load("policy", []byte(text)) }

// incident is the log of a lease that outlives its hour and is revoked late.
func incident(t *testing.T) *memory.Log {
	t.Helper()
	db := events.Scope{System: "db", Role: "reader"}
	log := memory.New(memory.Options{})
	n := 0
	add := func(typ events.Type, source string, at time.Time, about events.ID, data events.Data) {
		t.Helper()
		n++
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
	tick := func(from, to int) {
		for s := from; s <= to; s += 4 {
			at := nine.Add(time.Duration(s) * time.Second)
			add(events.ClockTick, "overstay://engine", at, "", &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(time.Duration(s) * time.Second)})
		}
	}
	tick(0, 8)
	add(events.ApprovalGranted, "pam://x", nine, "alice", &events.Approval{
		ApprovalID: "REQ-1", Requester: "alice", Scopes: []events.Scope{db}, DecidedBy: "bob",
		Window: &events.Window{Start: nine, End: nine.Add(time.Hour), EndKind: events.EndAt},
	})
	add(events.LeaseIssued, "vault://prod", nine.Add(5*time.Minute), "alice", &events.Lease{LeaseID: "L1", Scope: db})
	tick(12, 3900)
	add(events.LeaseRevoked, "vault://prod", nine.Add(65*time.Minute), "alice", &events.Lease{LeaseID: "L1", End: &events.End{Basis: events.EndObserved}})
	tick(3904, 4000)
	return log
}

// TestReplayTellsWhatWasTold: two replays tell the same bytes, the alert and its
// end, and the view at the end has the whole access.
func TestReplayTellsWhatWasTold(t *testing.T) {
	log := incident(t)
	var subjects []string
	first, err := review.Replay(t.Context(), review.Options{Log: log, Compile: compile, Told: func(e eventlog.Entry) { subjects = append(subjects, e.Subject) }})
	if err != nil {
		t.Fatal(err)
	}
	again, err := review.Replay(t.Context(), review.Options{Log: log, Compile: compile})
	if err != nil {
		t.Fatal(err)
	}
	if first.Sum != again.Sum || first.Told != again.Told {
		t.Errorf("told %d with %x, then %d with %x", first.Told, first.Sum, again.Told, again.Sum)
	}
	t.Logf("%d positions, sha256 %s: %s", first.Last, hex.EncodeToString(first.Sum[:4]), strings.Join(subjects, " "))
	if n := len(subjects); n < 2 || !strings.Contains(subjects[0], ".high.OV-001.") {
		t.Fatalf("told %q", subjects)
	}
	x, ok := first.View.Access(events.KindLease, "vault://prod", "L1")
	if !ok || len(x.Stretches) != 1 || x.Stretches[0].End != correlator.At(nine.Add(65*time.Minute)) || len(x.Alerts) != 1 {
		t.Errorf("the lease is %+v", x)
	}
	if got := first.View.GrantedBy("pam://x", "REQ-1"); len(got) != 1 {
		t.Errorf("REQ-1 granted %+v", got)
	}
	first.View.EachAlert(func(a correlator.AlertRecord) bool {
		accesses, _ := first.View.FacetsOf(a)
		if a.Rule != "OV-001" || a.Approval != "REQ-1" || len(accesses) != 1 || accesses[0].ID != "L1" {
			t.Errorf("alert %+v of %+v", a, accesses)
		}
		return true
	})
}

// TestAnotherPolicyTellsSomethingElse: a policy that is given holds from the
// beginning, and the log stays as it is.
func TestAnotherPolicyTellsSomethingElse(t *testing.T) {
	log := incident(t)
	lenient, err := compile("grace: {lease: 10m}\n")
	if err != nil {
		t.Fatal(err)
	}
	before, _ := log.State(t.Context())
	var alerts int
	if _, err := review.Replay(t.Context(), review.Options{Log: log, Compile: compile, Policy: lenient, Told: func(e eventlog.Entry) {
		if strings.Contains(e.Subject, ".OV-001.") {
			alerts++
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if after, _ := log.State(t.Context()); alerts != 0 || after != before {
		t.Errorf("%d alerts, and the log went from %+v to %+v", alerts, before, after)
	}
}

// TestReplayStopsWhereItIsTold: it reads nothing beyond Until, and a cancelled one
// says where it stopped.
func TestReplayStopsWhereItIsTold(t *testing.T) {
	log := incident(t)
	out, err := review.Replay(t.Context(), review.Options{Log: log, Compile: compile, Until: 400})
	if err != nil || out.Last != 400 {
		t.Fatalf("%+v, %v", out, err)
	}
	if x, ok := out.View.Access(events.KindLease, "vault://prod", "L1"); !ok || x.Stretches[0].End != correlator.Forever {
		t.Errorf("at position 400 the lease is %+v", x)
	}
	ctx, cancel := context.WithCancel(t.Context())
	watch := func(m correlator.Message, _ correlator.Result, _ *correlator.View) {
		if m.Origin.Seq == 300 {
			cancel()
		}
	}
	if _, err := review.Replay(ctx, review.Options{Log: log, Compile: compile, Watch: watch}); err == nil || !strings.Contains(err.Error(), "stopped after position") {
		t.Errorf("a cancelled replay says %v", err)
	}
}
