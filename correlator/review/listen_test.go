package review_test

import (
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
