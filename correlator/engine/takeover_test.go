package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	storememory "github.com/overstay/overstay/store/memory"
)

// of lists what was told of an approval: revision, state, and a star where it says
// that it was recomputed.
func (w *world) of(t *testing.T, approval string) []string {
	t.Helper()
	var out []string
	for i, v := range w.told(t) {
		if v.Approval != approval || v.State == "sealed" {
			continue
		}
		line := fmt.Sprintf("r%d %s", v.Revision, v.State)
		if bytes.Contains(w.alerts.Published()[i].Body, []byte(`"recomputed":true`)) {
			line += "*"
		}
		out = append(out, line)
	}
	return out
}

func (w *world) tells(t *testing.T, what map[string][]string) {
	t.Helper()
	for approval, want := range what {
		if got := w.of(t, approval); !slices.Equal(got, want) {
			t.Errorf("%s: told %q, want %q", approval, got, want)
		}
	}
}

// lose takes the state away.
func (w *world) lose() { w.store = storememory.New() }

func extended(t *testing.T, id string, at, to time.Duration) eventlog.Entry {
	t.Helper()
	return event(t, events.ApprovalExtended, approvals, "extend-"+id, began.Add(at), "", &events.Approval{
		ApprovalID: id, Window: &events.Window{End: began.Add(to), EndKind: events.EndAt},
	})
}

// forgetful is a log whose first four messages say how four people's access came or
// ended, which a state that is made from the rest judges otherwise.
func forgetful(t *testing.T, w *world) {
	t.Helper()
	w.append(t,
		granted(t, "ALICE", "alice", 0, 11*time.Minute),
		issued(t, "LA", "alice", time.Minute),
		extended(t, "CAROL", 2*time.Minute, 3*time.Hour),
		expired(t, "LE", 14*time.Minute),
		tick(t, 0),
		granted(t, "BOB", "bob", 0, 11*time.Minute),
		granted(t, "CAROL", "carol", 0, 11*time.Minute),
		granted(t, "ERIN", "erin", 0, 11*time.Minute),
		issued(t, "LB", "bob", time.Minute),
		issued(t, "LC", "carol", time.Minute),
		issued(t, "LE", "erin", time.Minute),
		tick(t, 15*time.Minute),
		tick(t, 16*time.Minute),
		tick(t, 16*time.Minute+20*time.Second),
	)
	w.mustPlay(t)
	w.tells(t, map[string][]string{
		"ALICE": {"r1 raised"}, "BOB": {"r1 raised"}, "CAROL": nil, "ERIN": {"r1 raised", "r2 resolved"},
	})
}

// TestAStateMadeAgainGoesOnFromWhatWasTold: without the log's beginning some things
// look otherwise than they were told. What is the same is not told again; what
// differs is, under numbers that nobody has; and what nobody can judge any more is
// named.
func TestAStateMadeAgainGoesOnFromWhatWasTold(t *testing.T) {
	w := newWorld()
	forgetful(t, w)
	w.log.Forget(5)
	w.lose()
	w.mustPlay(t)
	w.append(t, tick(t, 17*time.Minute), tick(t, 17*time.Minute+20*time.Second))
	w.mustPlay(t)
	w.tells(t, map[string][]string{
		"ALICE": {"r1 raised"},
		"BOB":   {"r1 raised"},
		"CAROL": {"r2 raised*"},
		"ERIN":  {"r1 raised", "r2 resolved", "r3 raised*"},
	})
	if lines := w.lines(t); !slices.Contains(lines, "OV-025 r1 raised") {
		t.Errorf("nobody is told that an alert stands which nothing is known of: %q", lines)
	}
	last := w.alerts.Published()[len(w.alerts.Published())-1]
	if id := w.alertOf(t, "ALICE"); !bytes.Contains(last.Body, []byte(id)) {
		t.Errorf("it does not name %s: %s", id, last.Body)
	}

	// And so it goes on, through another loss, and from there again.
	w.append(t, expired(t, "LB", 18*time.Minute), expired(t, "LC", 18*time.Minute), tick(t, 18*time.Minute), tick(t, 18*time.Minute+20*time.Second))
	w.mustPlay(t)
	after := map[string][]string{
		"ALICE": {"r1 raised"},
		"BOB":   {"r1 raised", "r2 resolved"},
		"CAROL": {"r2 raised*", "r3 resolved"},
		"ERIN":  {"r1 raised", "r2 resolved", "r3 raised*"},
	}
	w.tells(t, after)
	w.lose()
	w.mustPlay(t)
	w.append(t, tick(t, 19*time.Minute), tick(t, 19*time.Minute+20*time.Second))
	w.mustPlay(t)
	w.tells(t, after)
	w.once(t)
}

// alertOf is the id of the alert about an approval.
func (w *world) alertOf(t *testing.T, approval string) string {
	t.Helper()
	for _, v := range w.told(t) {
		if v.Approval == approval {
			return strings.Split(v.Subject, ".")[4]
		}
	}
	t.Fatalf("nothing was told of %s", approval)
	return ""
}

// once checks that no revision was told twice.
func (w *world) once(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range w.alerts.Published() {
		k := eventlog.AnySeverity(m.Subject)
		if seen[k] {
			t.Errorf("%s was told twice", k)
		}
		seen[k] = true
	}
}

// TestQuietThroughCrashes: an engine that dies before it has taken over what was
// told leaves the next one to do it.
func TestQuietThroughCrashes(t *testing.T) {
	w := newWorld()
	forgetful(t, w)
	w.log.Forget(5)
	w.lose()
	told := len(w.alerts.Published())
	for i := range 3 {
		cfg := w.config()
		cfg.BatchMessages = 4
		var passed atomic.Int64
		cfg.Fail = func(point string) error {
			if n := passed.Add(1); point == "after-commit" && n > 2*int64(i) {
				return errCrash
			}
			return nil
		}
		if err := w.play(t, cfg); err == nil {
			t.Fatal("it did not crash")
		}
		if n := len(w.alerts.Published()); n != told {
			t.Fatalf("crash %d: %d messages were told too early", i, n-told)
		}
	}
	w.mustPlay(t)
	w.append(t, tick(t, 17*time.Minute), tick(t, 17*time.Minute+20*time.Second))
	w.mustPlay(t)
	w.tells(t, map[string][]string{"BOB": {"r1 raised"}, "CAROL": {"r2 raised*"}, "ERIN": {"r1 raised", "r2 resolved", "r3 raised*"}})
	w.once(t)
}

// TestTheWholeLogBySameSemanticsIsToldAsBefore: nothing is held back there.
func TestTheWholeLogBySameSemanticsIsToldAsBefore(t *testing.T) {
	w := newWorld()
	forgetful(t, w)
	was := w.digest()
	w.lose()
	w.mustPlay(t)
	if w.digest() != was {
		t.Errorf("told %q", w.lines(t))
	}
	if strings.Contains(w.said.String(), "nothing is told") {
		t.Errorf("it said %s", w.said)
	}
}

// TestWhatNobodyUnderstandsIsNotTakenOver: a message in the alert stream that is no
// alert of ours, last or in between, keeps no engine from starting.
func TestWhatNobodyUnderstandsIsNotTakenOver(t *testing.T) {
	for _, body := range []string{
		`no JSON`,
		`{"id": "mine.1", "type": "dev.overstay.alert.raised", "severitytext": "high"}`,
		`{"id": "00000000000000000000000000000000.1", "type": "dev.overstay.alert.raised"}`,
		`{"id": "00000000000000000000000000000000.0", "type": "dev.overstay.alert.raised", "severitytext": "high"}`,
		`{"id": "mine.1", "type": "a word of somebody's"}`,
	} {
		w := newWorld()
		forgetful(t, w)
		if err := w.alerts.Publish(t.Context(), eventlog.Entry{Subject: "overstay.alerts.high.raised.OV-001.mine.1", Body: []byte(body), MsgID: "mine.1"}); err != nil {
			t.Fatal(err)
		}
		w.log.Forget(5)
		w.lose()
		w.mustPlay(t)
		w.append(t, tick(t, 17*time.Minute), tick(t, 17*time.Minute+20*time.Second))
		w.mustPlay(t)
		if said := w.said.String(); !strings.Contains(said, "what was told before cannot be read") {
			t.Errorf("%s: nothing is said of it", body)
		}
		var held bool
		for _, m := range w.alerts.Published() {
			held = held || bytes.Contains(m.Body, []byte(`"recomputed":true`))
		}
		if !held {
			t.Errorf("%s: nothing was taken over", body)
		}
	}
}
