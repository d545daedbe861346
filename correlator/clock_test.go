package correlator

import (
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// restart ticks once as the first tick of another process does.
func (p *storyPlayer) restart(t *testing.T, boot string, wall time.Time) {
	t.Helper()
	p.step(t, events.Event{ID: fmt.Sprint("tick", p.seq), Source: "overstay://clock", Type: events.ClockTick, Time: wall,
		Data: &events.Tick{Wall: wall, Boot: boot, Monotonic: events.Duration(time.Second)}}, nil)
}

// word is an event of a source at a time.
func (p *storyPlayer) word(t *testing.T, source string, typ events.Type, at time.Time, d events.Data) {
	t.Helper()
	p.ids++
	ev, err := events.New(typ, source, fmt.Sprint("w", p.ids), at, "", d)
	if err != nil {
		t.Fatal(err)
	}
	p.step(t, ev, nil)
}

// TestAJumpOfTheClockWaitsForWitnesses: after a restart whose clock is ten years
// ahead, log time stands still until an operator, or two sources about what
// happened there, say that it is so. A connector's own progress tells the time of
// the same host, and one source may be as wrong as it.
func TestAJumpOfTheClockWaitsForWitnesses(t *testing.T) {
	use := &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: "L1"}}
	for _, c := range []struct {
		name    string
		say     func(p *storyPlayer, wall time.Time)
		release bool
	}{
		{"nobody", func(*storyPlayer, time.Time) {}, false},
		{"progress of two connectors", func(p *storyPlayer, wall time.Time) {
			for _, uri := range []string{"vault://p", "ldap://c"} {
				p.word(t, uri, events.SourceProgress, wall, &events.Progress{Through: wall, Basis: events.ByTransport})
			}
		}, false},
		{"one source, twice", func(p *storyPlayer, wall time.Time) {
			p.word(t, "vault://p", events.AccessUsed, wall, use)
			p.word(t, "vault://p", events.AccessUsed, wall.Add(time.Second), use)
		}, false},
		{"a second source of long ago", func(p *storyPlayer, wall time.Time) {
			p.word(t, "vault://p", events.AccessUsed, wall, use)
			p.word(t, "teleport://t", events.AccessUsed, clockTime(t, "09:02"), use)
		}, false},
		{"two sources", func(p *storyPlayer, wall time.Time) {
			p.word(t, "vault://p", events.AccessUsed, wall, use)
			p.word(t, "teleport://t", events.AccessUsed, wall.Add(-time.Minute), use)
		}, true},
		{"an operator", func(p *storyPlayer, wall time.Time) {
			p.word(t, "overstay://operator", events.OperatorConfirmed, wall, &events.Mark{Selector: events.Selector{Rule: "clock"}, By: "erin"})
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newStoryPlayer()
			p.restart(t, "first", clockTime(t, "09:00"))
			ahead := clockTime(t, "09:02").AddDate(10, 0, 0)
			p.restart(t, "second", ahead)
			c.say(p, ahead)
			g := Peek(p.st, p.pol)
			if released := g.Held == 0 && g.Now == At(ahead); released != c.release {
				t.Errorf("log time is %s, held is %s", g.Now, g.Held)
			}
		})
	}
}

// TestASlowMachineTellsAllTheSame: where every tick comes so late that it looks
// like a restart, sources that promise nothing have their minute, and not one
// after the other for ever.
func TestASlowMachineTellsAllTheSame(t *testing.T) {
	p := newStoryPlayer()
	at := clockTime(t, "09:59")
	p.jump(t, at)
	p.say(t, 1, `09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "r"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}`)
	p.say(t, 2, `09:05 vault://p lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "r"}}`)
	for len(p.told) == 0 && at.Before(clockTime(t, "11:00")) {
		at = at.Add(catchUpAfter + time.Second)
		p.jump(t, at)
	}
	due := clockTime(t, "10:01")
	if late := at.Sub(due); len(p.told) == 0 || late > catchUpFor+2*catchUpAfter {
		t.Errorf("told %d, %s after it was due", len(p.told), late)
	}
}

// TestDamageThatIsReadBeforeAnyTick is told as soon as there is a time.
func TestDamageThatIsReadBeforeAnyTick(t *testing.T) {
	p := newStoryPlayer()
	p.say(t, 1, `09:05 overstay://engine system.observed - {"what": "gap", "from": 9, "to": 12}`)
	if len(p.told) != 0 {
		t.Errorf("told without a time: %s", describe(t, p.told[0]))
	}
	p.tick(t, clockTime(t, "09:06"))
	p.tick(t, clockTime(t, "09:07"))
	const want = "raised OV-025 r1 critical facets=1/1: The log is damaged: gap (9 to 12), noticed at 2026-03-02T09:05:00.000Z."
	if len(p.told) != 1 || describe(t, p.told[0]) != want {
		t.Errorf("told %v", p.told)
	}
}

// TestAClockThatIsPutRightIsBelieved: a clock that came up ten years ahead, and is
// corrected while log time waits, needs nobody's word.
func TestAClockThatIsPutRightIsBelieved(t *testing.T) {
	p := newStoryPlayer()
	p.restart(t, "first", clockTime(t, "09:00"))
	p.restart(t, "wrong", clockTime(t, "09:01").AddDate(10, 0, 0))
	if g := Peek(p.st, p.pol); g.Held == 0 || g.Now != At(clockTime(t, "09:00")) {
		t.Fatalf("log time is %s, and %s is held", g.Now, g.Held)
	}
	p.restart(t, "wrong", clockTime(t, "09:02"))
	if g := Peek(p.st, p.pol); g.Held != 0 || g.Now != At(clockTime(t, "09:02")) {
		t.Errorf("log time is %s, and %s is held", g.Now, g.Held)
	}
}
