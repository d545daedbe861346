package correlator

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// storyPlayer says a few words to the correlator, for tests that look inside.
// Whole stories are scenarios (story_test.go).
type storyPlayer struct {
	st     memState
	pol    *Policy
	seq    uint64
	ids    int
	told   []Publication
	ticked time.Time
}

func newStoryPlayer() *storyPlayer { return &storyPlayer{st: memState{}, pol: DefaultPolicy()} }

const storyDay = "2026-03-02"

var storyTime = regexp.MustCompile(`@(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)`)

func clockTime(t *testing.T, hhmm string) time.Time {
	t.Helper()
	if strings.Count(hhmm, ":") == 1 {
		hhmm += ":00"
	}
	at, err := time.Parse(time.RFC3339, storyDay+"T"+hhmm+"Z")
	if err != nil {
		t.Fatalf("time %q: %v", hhmm, err)
	}
	return at
}

// tick lets time pass to a moment, with ticks as often as of an engine that has
// nothing to do.
func (p *storyPlayer) tick(t *testing.T, to time.Time) {
	const idle = 4 * time.Second
	for !p.ticked.IsZero() && to.Sub(p.ticked) > idle {
		p.jump(t, p.ticked.Add(idle))
	}
	p.jump(t, to)
}

// jump ticks once, however long ago the last tick was, and then for as long as
// work is waiting.
func (p *storyPlayer) jump(t *testing.T, at time.Time) {
	p.ticked = at
	for {
		res := p.step(t, events.Event{ID: fmt.Sprint("tick", p.seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
			Data: &events.Tick{Wall: at, Boot: "story", Monotonic: events.Duration(at.Sub(clockTime(t, "00:00")))}}, nil)
		if !res.Backlog {
			return
		}
	}
}

// storyLine is TIME SOURCE TYPE SUBJECT {JSON}, in which "-" is no subject and
// "@10:00" a time of the story's day.
var storyLine = regexp.MustCompile(`^(\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\S+) (\S+) (\S+) (\{.*\})$`)

func (p *storyPlayer) say(t *testing.T, n int, line string) {
	m := storyLine.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("line %d is not TIME SOURCE TYPE SUBJECT {JSON}: %s", n, line)
	}
	data := storyTime.ReplaceAllStringFunc(m[5], func(s string) string {
		return clockTime(t, s[1:]).Format(time.RFC3339Nano)
	})
	typ := events.Type(events.Prefix + m[3])
	d := events.NewData(typ)
	if d == nil {
		t.Fatalf("line %d: type %s", n, m[3])
	}
	if err := json.Unmarshal([]byte(data), d); err != nil {
		t.Fatalf("line %d: %v", n, err)
	}
	subject := events.ID(m[4])
	if subject == "-" {
		subject = ""
	}
	p.ids++
	ev, err := events.New(typ, m[2], fmt.Sprintf("e%d", p.ids), clockTime(t, m[1]), subject, d)
	if err != nil {
		t.Fatalf("line %d: %v", n, err)
	}
	p.step(t, ev, nil)
}

func (p *storyPlayer) step(t *testing.T, ev events.Event, pol *Policy) Result {
	p.seq++
	res := Step(p.st, p.pol, Message{Origin: Origin{LogID: "story", Epoch: 1, Seq: p.seq}, Event: ev, Policy: pol})
	p.told = append(p.told, res.Publish...)
	return res
}

// describe is a publication in one line, after a look at its bytes.
func describe(t *testing.T, pub Publication) string {
	t.Helper()
	if pub.Alert != nil {
		validateOCSF(t, pub.Alert)
	}
	validateOwn(t, pub)
	return pub.String()
}
