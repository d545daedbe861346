package review_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

// TestASourceThatFellSilent: an alert about a source says how far that had come, what
// was last heard of it, and when it was heard again.
func TestASourceThatFellSilent(t *testing.T) {
	l := newTeller(t)
	l.until(4)
	l.say(events.SourceResumed, "vault://prod", 0, "", &events.Resumed{Capabilities: events.Capabilities{Progress: true, Every: events.Duration(10 * time.Second)}, Coverage: nine})
	l.begin()
	for s := 10; s < 1200; s += 10 {
		l.until(s)
		if s < 300 || s > 900 {
			l.say(events.SourceProgress, "vault://prod", s, "", &events.Progress{Through: nine.Add(time.Duration(s) * time.Second), Basis: events.ByPosition})
		}
	}
	l.until(1300)
	e := explain(t, l.source())
	if e.Rule != "OV-022" {
		t.Fatalf("%s: %s", e.Rule, e.Message)
	}
	got := changesOf(e, review.ChangeHeard)
	for _, want := range []string{
		"all that it had before 2026-03-02T09:04:50Z is in the log; the last that was heard of it before revision 1",
		"all that it had before 2026-03-02T09:15:10Z is in the log; heard after 10m20s of log time",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	for i, step := range e.Steps {
		if i > 0 && step.Position <= e.Steps[i-1].Position {
			t.Errorf("position %d comes after %d", step.Position, e.Steps[i-1].Position)
		}
	}
}

// TestMoreAccessesOfAnAlert: those that are not followed are counted, and followed where
// that is asked for.
func TestMoreAccessesOfAnAlert(t *testing.T) {
	l := newTeller(t)
	l.begin()
	for i := range 11 {
		l.say(events.LeaseIssued, "vault://prod", 0, "alice", &events.Lease{LeaseID: "more-" + string(rune('a'+i)), Scope: dbReader})
	}
	l.until(3900)
	e := explain(t, l.source())
	if len(e.Accesses) != 8 || e.More != 4 {
		t.Fatalf("%d and %d more", len(e.Accesses), e.More)
	}
	all, err := review.Explain(t.Context(), l.source(), review.AlertQuery{Alert: e.Alert, Most: 20, NoCounterfactual: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Accesses) != 12 || all.More != 0 || len(changesOf(all, review.ChangeHeld)) <= len(changesOf(e, review.ChangeHeld)) {
		t.Errorf("%d and %d more, in %d steps and not %d", len(all.Accesses), all.More, len(all.Steps), len(e.Steps))
	}
}

// TestAnAccountWithoutAnOwner: an alert about an account, of which no access is known,
// says what was heard of the account and of who was to answer for it.
func TestAnAccountWithoutAnOwner(t *testing.T) {
	l := newTeller(t)
	const rules = "{workloads: {realms: [ldap/svc], takeover: 10m}, identity: {joins: [{realms: [ldap/uid, hr/person]}]}}"
	l.say(events.PolicyApplied, "overstay://operator", 0, "", &events.Policy{YAML: rules, Hash: fmt.Sprintf("%x", sha256.Sum256([]byte(rules)))})
	l.until(4)
	l.say(events.AccountCreated, "ldap://c", 4, "ldap/svc:report", &events.Account{Owner: "hr/person:dora"})
	l.say(events.AccountCreated, "ldap://c", 4, "ldap/uid:carl", &events.Account{})
	l.until(300)
	left := l.n + 1
	l.say(events.AccountDisabled, "ldap://c", 300, "ldap/uid:dora", &events.Account{})
	l.until(1200)
	owned := l.n + 1
	l.say(events.OwnerChanged, "ldap://c", 1200, "ldap/svc:report", &events.Account{Owner: "ldap/uid:carl"})
	l.until(1300)
	e := explain(t, l.source())
	if e.Rule != "OV-013" || e.State != "resolved" || len(e.Accesses) != 0 {
		t.Fatalf("%s %s of %d accesses: %s", e.Rule, e.State, len(e.Accesses), e.Message)
	}
	got := changesOf(e, review.ChangeHeard)
	want := fmt.Sprintf(`4 ldap://c|e4 ldap/svc:report: directory.account-created
5 ldap://c|e5 ldap/uid:carl: directory.account-created; who was to answer for ldap/svc:report
%d ldap://c|e%[1]d ldap/uid:dora: directory.account-disabled; who was to answer for ldap/svc:report
%d ldap://c|e%[2]d ldap/svc:report: directory.owner-changed`, left, owned)
	if got != want {
		t.Errorf("it was heard\n%s\nnot\n%s", got, want)
	}
}
