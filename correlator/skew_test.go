package correlator

import (
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// skewed is a player under a policy that asks for clock skew.
func skewed(t *testing.T) *storyPlayer {
	t.Helper()
	on := true
	p := newStoryPlayer()
	p.pol.Rules = map[RuleID]RuleSetting{ruleClockSkew.ID: {Enabled: &on}}
	p.tick(t, clockTime(t, "09:00"))
	return p
}

// use is a sign of life as of a time, read now.
func (p *storyPlayer) use(t *testing.T, at string, q *events.TimeQuality) {
	t.Helper()
	p.ids++
	d := &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L1"}}
	d.TimeQuality = q
	ev, err := events.New(events.AccessUsed, "vault://prod", time.Duration(p.ids).String(), clockTime(t, at), "", d)
	if err != nil {
		t.Fatal(err)
	}
	p.step(t, ev, nil)
}

// skewLines are what was told of the source's clock.
func (p *storyPlayer) skewLines() []string {
	var out []string
	for _, pub := range p.told {
		if a := pub.Alert; a != nil && a.Rule.ID == ruleClockSkew.ID {
			out = append(out, string(a.State)+" "+a.message())
		}
	}
	return out
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("told %q, not %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("told %q, not %q", got[i], want[i])
		}
	}
}

// TestEventsFromTheFuture: what lies ahead of log time when that has gone on is told,
// once, and over an hour after the last.
func TestEventsFromTheFuture(t *testing.T) {
	p := skewed(t)
	p.use(t, "10:00:02", nil)
	wantLines(t, p.skewLines())
	p.tick(t, clockTime(t, "09:00:02"))
	raised := "raised vault://prod tells times that are 1h ahead, since 2026-03-02T09:00:02.000Z."
	wantLines(t, p.skewLines(), raised)
	p.use(t, "10:10:00", nil)
	p.use(t, "09:00:02", nil)
	p.tick(t, clockTime(t, "10:00:05"))
	wantLines(t, p.skewLines(), raised)
	p.tick(t, clockTime(t, "10:00:10"))
	wantLines(t, p.skewLines(), raised, "resolved No longer so: vault://prod told times that are 1h ahead, since 2026-03-02T09:00:02.000Z.")
}

// TestWhatWasReadWhileTheClockStoodIsNotAhead: between two ticks log time stands
// still. What came in while nobody ticked looks as if it lay ahead.
func TestWhatWasReadWhileTheClockStoodIsNotAhead(t *testing.T) {
	p := skewed(t)
	p.use(t, "11:30:00", nil)
	p.jump(t, clockTime(t, "11:30:01"))
	p.tick(t, clockTime(t, "11:35"))
	p.use(t, "11:36:59", nil) // within the bound
	p.use(t, "11:50:00", &events.TimeQuality{Uncertainty: events.Duration(20 * time.Minute)})
	p.tick(t, clockTime(t, "11:35:05"))
	wantLines(t, p.skewLines())
}
