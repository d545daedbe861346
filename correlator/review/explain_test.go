package review_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// teller makes a log by hand: what is said at which second after nine.
type teller struct {
	t   *testing.T
	log *memory.Log
	n   int
	now int
}

func newTeller(t *testing.T) *teller { return &teller{t: t, log: memory.New(memory.Options{})} }

func (l *teller) say(typ events.Type, source string, at int, about events.ID, data events.Data) {
	l.t.Helper()
	l.n++
	ev, err := events.New(typ, source, fmt.Sprint("e", l.n), nine.Add(time.Duration(at)*time.Second), about, data)
	if err != nil {
		l.t.Fatal(err)
	}
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.log.Append(l.t.Context(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
		l.t.Fatal(err)
	}
}

// until lets time pass.
func (l *teller) until(second int) {
	for ; l.now <= second; l.now += 4 {
		at := nine.Add(time.Duration(l.now) * time.Second)
		l.say(events.ClockTick, "overstay://engine", l.now, "", &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(time.Duration(l.now) * time.Second)})
	}
}

func (l *teller) source() *review.Source {
	return &review.Source{Name: "test", Log: l.log, Compile: compile, Label: review.Label{Strength: review.Strong}}
}

var dbReader = events.Scope{System: "db", Role: "reader"}

// begin is an hour approved to alice, and a lease that she takes.
func (l *teller) begin() {
	l.until(8)
	l.say(events.ApprovalGranted, "pam://x", 0, "alice", &events.Approval{
		ApprovalID: "REQ-1", Requester: "alice", Scopes: []events.Scope{dbReader}, DecidedBy: "bob", Ticket: "CHG-9",
		Window: &events.Window{Start: nine, End: nine.Add(time.Hour), EndKind: events.EndAt},
	})
	l.say(events.LeaseIssued, "vault://prod", 300, "alice", &events.Lease{LeaseID: "L1", Scope: dbReader})
}

// changesOf are the changes of a kind, with their positions.
func changesOf(e review.Explanation, kind review.ChangeKind) string {
	var out []string
	for _, s := range e.Steps {
		for _, c := range s.Changes {
			if c.Kind == kind {
				out = append(out, fmt.Sprintf("%d %s %s: %s", s.Position, s.Event, c.Of, c.Text))
			}
		}
	}
	return strings.Join(out, "\n")
}

func explain(t *testing.T, src *review.Source) review.Explanation {
	t.Helper()
	id := ""
	if _, err := review.Replay(t.Context(), review.Options{Log: src.Log, Compile: compile, Told: func(e eventlog.Entry) {
		told, err := review.ReadTold(e)
		if err != nil {
			t.Error(err)
		} else if told.Rule != "" && id == "" {
			id = told.ID
		}
	}}); err != nil || id == "" {
		t.Fatalf("no alert is told: %v", err)
	}
	e, err := review.Explain(t.Context(), src, review.AlertQuery{Alert: id[:8]})
	if err != nil {
		t.Fatal(err)
	}
	if e.Alert != id {
		t.Fatalf("asked for %s it explains %s", id, e.Alert)
	}
	return e
}

func counterfactual(e review.Explanation, kind review.SupposedKind) *review.Counterfactual {
	for _, c := range e.Counterfactuals {
		if c.Kind == kind {
			return &c
		}
	}
	return nil
}

// TestAnExtensionThatCameLate: the alert is withdrawn when an extension turns up that
// was decided in time, and the counterfactual says by when it had to be there.
func TestAnExtensionThatCameLate(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.until(3900)
	position := uint64(l.n + 1)
	l.say(events.ApprovalExtended, "pam://x", 3500, "", &events.Approval{ApprovalID: "REQ-1", DecidedBy: "carol", Window: &events.Window{End: nine.Add(2 * time.Hour), EndKind: events.EndAt}})
	l.until(4000)
	e := explain(t, l.source())
	if e.Rule != "OV-001" || e.State != "retracted" || e.Approval != "REQ-1" || len(e.Accesses) != 1 || e.Accesses[0].ID != "L1" {
		t.Errorf("it explains %s %s of %s about %+v", e.Rule, e.State, e.Approval, e.Accesses)
	}
	for kind, want := range map[review.ChangeKind][]string{
		review.ChangeWindow:    {"REQ-1: window 2026-03-02T09:00:00.000Z to 2026-03-02T10:00:00.000Z opened, decided by bob", "e" + fmt.Sprint(position) + " REQ-1: window 2026-03-02T10:00:00.000Z to 2026-03-02T11:00:00.000Z opened, decided by carol"},
		review.ChangeHeld:      {"vault://prod|e5 L1: lease on db as reader began 2026-03-02T09:05:00.000Z, held by alice"},
		review.ChangeCovered:   {"granted by REQ-1, covered 2026-03-02T09:00:00.000Z to 2026-03-02T10:00:00.000Z", "covered 2026-03-02T10:00:00.000Z to 2026-03-02T11:00:00.000Z"},
		review.ChangeUncovered: {"not covered from 2026-03-02T10:00:00.000Z on, behind the end of REQ-1", "it was covered from 2026-03-02T10:00:00.000Z on after all"},
		review.ChangeDue:       {"OV-001 is due 2026-03-02T10:01:00.000Z"},
		review.ChangeTold:      {"raised, revision 1", "retracted, revision 2"},
	} {
		for _, w := range want {
			if got := changesOf(e, kind); !strings.Contains(got, w) {
				t.Errorf("%s has no %q:\n%s", kind, w, got)
			}
		}
	}
	c := counterfactual(e, review.SupposedEarlier)
	if c == nil {
		t.Fatalf("nothing of %d replays would have kept it from being told: %+v", e.Tried, e.Counterfactuals)
	}
	raised := e.Revisions[0]
	if c.Events[0].Position != position || c.Position != raised.Origin.Seq || !c.By.Equal(raised.At) || c.Later.Std() != c.Arrived.Sub(raised.At) || c.Later <= 0 || !c.Instead.IsZero() {
		t.Errorf("%+v", c)
	}
	if want := fmt.Sprintf("came in %s later, at position %d", c.Later.Std(), position); !strings.Contains(c.Statement, want) || !strings.HasPrefix(c.Statement, "It would not have been told if approval.extended") {
		t.Errorf("the statement is %q", c.Statement)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Error(err)
	}
}

// TestWhatCameLateAndWouldNotHaveHelped: a use that came in late is tried, and not
// named; an end that is observed in time would have helped, and an extension.
func TestWhatCameLateAndWouldNotHaveHelped(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.until(3900)
	l.say(events.AccessUsed, "vault://prod", 600, "alice", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L1"}})
	l.until(4200)
	l.say(events.LeaseRevoked, "vault://prod", 4201, "alice", &events.Lease{LeaseID: "L1", End: &events.End{Basis: events.EndObserved}})
	l.until(4300)
	e := explain(t, l.source())
	if e.State != "resolved" || counterfactual(e, review.SupposedEarlier) != nil {
		t.Errorf("%s: %+v", e.State, e.Counterfactuals)
	}
	if e.Tried != 3 {
		t.Errorf("%d replays, not one of the use, one of an end and one of an extension", e.Tried)
	}
	if c := counterfactual(e, review.SupposedEnded); c == nil || !strings.Contains(c.Statement, "if an end of lease L1 at 2026-03-02T10:01:00Z had been seen by "+e.Revisions[0].At.Format(time.RFC3339)) {
		t.Errorf("of an end: %+v", c)
	}
	if c := counterfactual(e, review.SupposedExtended); c == nil || !strings.Contains(c.Statement, "an extension of REQ-1 to 2026-03-02T10:10:01Z") {
		t.Errorf("of an extension: %+v", c)
	}
	if got := changesOf(e, review.ChangeUsed); !strings.Contains(got, "used 2026-03-02T09:10:00.000Z") {
		t.Errorf("used:\n%s", got)
	}
}

// TestASettleThatWaits: a source that promises progress is waited for, and the steps
// say for whom and until when.
func TestASettleThatWaits(t *testing.T) {
	l := newTeller(t)
	l.until(4)
	l.say(events.SourceResumed, "vault://prod", 0, "", &events.Resumed{Capabilities: events.Capabilities{Progress: true, Every: events.Duration(10 * time.Second), Settle: events.Duration(20 * time.Second)}, Coverage: nine})
	l.say(events.SourceProgress, "vault://prod", 4, "", &events.Progress{Through: nine.Add(4 * time.Second), Basis: events.ByPosition})
	l.begin()
	for s := 10; s < 3660; s += 10 {
		l.until(s)
		l.say(events.SourceProgress, "vault://prod", s, "", &events.Progress{Through: nine.Add(time.Duration(s) * time.Second), Basis: events.ByPosition})
	}
	l.until(3700)
	e := explain(t, l.source())
	got := changesOf(e, review.ChangeWaits)
	if !strings.Contains(got, "was due 2026-03-02T10:01:00.000Z; it waits for vault://prod to have told all up to then, until 2026-03-02T10:01:20.000Z at most") {
		t.Errorf("it waits:\n%s", got)
	}
}

// TestNoSuchAlert: an unknown id, and one that several alerts begin with, are told
// apart.
func TestNoSuchAlert(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.until(3900)
	var unknown *review.UnknownError
	if _, err := review.Explain(t.Context(), l.source(), review.AlertQuery{Alert: "zz"}); !errors.As(err, &unknown) || unknown.Several {
		t.Errorf("%v", err)
	}
}

// TestWhyThereIsNoAlert: each reason for which nothing is told, in its words.
func TestWhyThereIsNoAlert(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.say(events.LeaseIssued, "vault://prod", 300, "alice", &events.Lease{LeaseID: "L2", Scope: dbReader})
	l.say(events.LeaseIssued, "vault://prod", 300, "alice", &events.Lease{LeaseID: "L3", Scope: events.Scope{System: "other"}})
	l.until(3630)
	l.say(events.LeaseRevoked, "vault://prod", 3625, "alice", &events.Lease{LeaseID: "L2", End: &events.End{Basis: events.EndObserved}})
	l.until(4000)
	why := func(src *review.Source, id string, at, known int) review.AccessAt {
		t.Helper()
		q := review.SubjectQuery{Subject: "alice", At: nine.Add(time.Duration(at) * time.Second)}
		if known != 0 {
			q.KnownAt = nine.Add(time.Duration(known) * time.Second)
		}
		answer, err := review.ExplainSubject(t.Context(), src, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range answer.Accesses {
			if a.Access.ID == id {
				return a
			}
		}
		t.Fatalf("%s is not among %+v", id, answer.Accesses)
		return review.AccessAt{}
	}
	off, err := compile("rules: {OV-001: {enabled: false}, OV-019: {enabled: false}}\n")
	if err != nil {
		t.Fatal(err)
	}
	silent := l.source()
	silent.Policy = off
	for _, c := range []struct {
		src       *review.Source
		id        string
		at, known int
		judgement string
		why       string
		alerts    int
	}{
		{l.source(), "L1", 1800, 0, "covered", "covered by REQ-1 of pam://x, decided by bob, until 2026-03-02T10:00:00Z", 0},
		{l.source(), "L1", 3700, 0, "exposed", "OV-001 tells of it: alert ", 1},
		{l.source(), "L1", 3620, 3630, "exposed", "OV-001 is not due before 2026-03-02T10:01:00Z", 0},
		{l.source(), "L2", 3610, 0, "exposed", "it lasted 25s beyond the end of REQ-1, within the grace of 1m0s for a lease", 0},
		{l.source(), "L3", 1800, 0, "unjudged: no approval of this person names it", "unjudged: no approval of this person names it", 0},
		{silent, "L1", 3700, 0, "exposed", "OV-001 would tell of it, and is off", 0},
	} {
		got := why(c.src, c.id, c.at, c.known)
		if got.Judgement != c.judgement || !strings.Contains(got.Why, c.why) || len(got.Alerts) != c.alerts {
			t.Errorf("%s at %d: %q, %q with %d alerts, and not %q, %q", c.id, c.at, got.Judgement, got.Why, len(got.Alerts), c.judgement, c.why)
		}
	}
	none, err := review.ExplainSubject(t.Context(), l.source(), review.SubjectQuery{Subject: "alice", At: nine})
	if err != nil || len(none.Accesses) != 0 || none.Elsewhen != 3 || none.Nearest == nil {
		t.Errorf("%+v, %v", none, err)
	}
}

// TestWhoActed: a use is joined to its holder, with the link that says so.
func TestWhoActed(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.say(events.IdentityLinked, "ldap://corp", 10, "alice", &events.IdentityLink{Other: "corp:alice"})
	link := l.n
	l.until(400)
	l.say(events.AccessUsed, "db://x", 390, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L1", Source: "vault://prod"}})
	use := uint64(l.n)
	l.say(events.AccessUsed, "db://x", 391, "", &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L9", Source: "vault://prod"}})
	l.until(500)
	src := l.source()
	got, err := review.WhoActed(t.Context(), src, review.ActedQuery{Subject: "corp:alice", From: nine, To: nine.Add(time.Hour)})
	if err != nil || len(got.Acts) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	a := got.Acts[0]
	if a.Position != use || a.Access.Subject != "alice" || !a.Held || a.Judgement != "covered" || len(a.Under) != 1 || a.Under[0].Approval != "REQ-1" || a.Under[0].Ticket != "CHG-9" {
		t.Errorf("%+v", a)
	}
	if want := (review.Tie{A: "alice", B: "corp:alice", By: fmt.Sprint("ldap://corp|e", link), How: "link"}); len(a.Joined) != 1 || a.Joined[0] != want {
		t.Errorf("joined by %+v", a.Joined)
	}
	all, err := review.WhoActed(t.Context(), src, review.ActedQuery{})
	if err != nil || len(all.Acts) != 2 || all.Acts[1].Held {
		t.Errorf("%+v, %v", all, err)
	}
	early, err := review.WhoActed(t.Context(), src, review.ActedQuery{KnownAt: nine.Add(100 * time.Second)})
	if err != nil || len(early.Acts) != 0 {
		t.Errorf("%+v, %v", early, err)
	}
}

// TestAsOf: two times ask two things, what was so and what was known.
func TestAsOf(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.until(3900)
	l.say(events.LeaseRevoked, "vault://prod", 3650, "alice", &events.Lease{LeaseID: "L1", End: &events.End{Basis: events.EndObserved}})
	l.until(4000)
	ask := func(q review.AsOfQuery) []review.Holding {
		t.Helper()
		got, err := review.AsOf(t.Context(), l.source(), q)
		if err != nil {
			t.Fatal(err)
		}
		return got.Holdings
	}
	at := nine.Add(3800 * time.Second)
	if now := ask(review.AsOfQuery{At: at}); len(now) != 0 {
		t.Errorf("by all that is known %+v", now)
	}
	then := ask(review.AsOfQuery{At: at, KnownAt: at})
	if len(then) != 1 || then[0].Judgement != "exposed" || then[0].After == nil || then[0].After.Approval != "REQ-1" || len(then[0].Under) != 0 {
		t.Fatalf("as known then %+v", then)
	}
	if before := ask(review.AsOfQuery{At: nine.Add(1800 * time.Second), Scope: correlator.ScopePattern{System: "db", Role: "re*"}}); len(before) != 1 || len(before[0].Under) != 1 || before[0].Access.Began.Position == 0 {
		t.Errorf("before %+v", before)
	}
	if other := ask(review.AsOfQuery{At: nine.Add(1800 * time.Second), Scope: correlator.ScopePattern{System: "other"}}); len(other) != 0 {
		t.Errorf("elsewhere %+v", other)
	}
	var early *review.BeforeLogError
	if _, err := review.AsOf(t.Context(), l.source(), review.AsOfQuery{At: at, KnownAt: nine.Add(-time.Hour)}); !errors.As(err, &early) {
		t.Errorf("before the log: %v", err)
	}
	var unknown *review.UnknownError
	if _, err := review.AsOf(t.Context(), l.source(), review.AsOfQuery{At: at, Entitlement: "nothing"}); !errors.As(err, &unknown) {
		t.Errorf("of an unknown right: %v", err)
	}
}

// TestWhatHasLeftIsStillExplained: a week later the access, its approval and their
// indexes have left the state, and every question is answered as before.
func TestWhatHasLeftIsStillExplained(t *testing.T) {
	l := newTeller(t)
	l.begin()
	l.until(3900)
	l.say(events.LeaseRevoked, "vault://prod", 3905, "alice", &events.Lease{LeaseID: "L1", End: &events.End{Basis: events.EndObserved}})
	l.until(4000)
	soon := explain(t, l.source())
	for ; l.now < 7*24*3600; l.now += 600 {
		l.say(events.ClockTick, "overstay://engine", l.now, "", &events.Tick{Wall: nine.Add(time.Duration(l.now) * time.Second), Boot: "b", Monotonic: events.Duration(time.Duration(l.now) * time.Second)})
	}
	out, err := review.Replay(t.Context(), review.Options{Log: l.log, Compile: compile})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := out.View.Access(events.KindLease, "vault://prod", "L1"); there {
		t.Fatal("it has not left the state")
	}
	late := explain(t, l.source())
	for _, e := range []*review.Explanation{&soon, &late} { // these are as of the end of the log
		e.KnownAt, e.Position = time.Time{}, 0
	}
	a, err1 := json.MarshalIndent(soon, "", " ")
	b, err2 := json.MarshalIndent(late, "", " ")
	if err1 != nil || err2 != nil || string(a) != string(b) {
		t.Errorf("soon\n%s\nand late\n%s", a, b)
	}
	held, err := review.AsOf(t.Context(), l.source(), review.AsOfQuery{At: nine.Add(1800 * time.Second), Subject: "alice"})
	if err != nil || len(held.Holdings) != 1 || held.Holdings[0].Judgement != "covered" || held.Holdings[0].Under[0].Ticket != "CHG-9" {
		t.Errorf("%+v, %v", held.Holdings, err)
	}
	why, err := review.ExplainSubject(t.Context(), l.source(), review.SubjectQuery{Subject: "alice", At: nine.Add(3800 * time.Second)})
	if err != nil || len(why.Accesses) != 1 || !strings.Contains(why.Accesses[0].Why, "OV-001 tells of it: alert "+late.Alert+", resolved") {
		t.Errorf("%+v, %v", why.Accesses, err)
	}
}
