package correlator

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

var update = flag.Bool("update", false, "write what the stories give as what they expect")

// TestStories plays each incident in testdata/*.story. A story opens with prose
// (#), then lists log messages, one a line:
//
//	09:00 teleport://prod approval.granted teleport/prod/user:alice {"approvalId": "REQ-1", ...}
//	tick 10:01:05
//	down 11:30
//
// where "tick" lets time pass until then, "down" says that nothing ran until then,
// and "@10:00" in the JSON stands for that time of the story's day. A source may be
// followed by # and the number of the event among those that it sent. What is
// published follows each message in lines that begin with ">". A story without
// such lines says "# quiet".
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.story")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".story"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playStory(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("%s differs; it gives:\n%s", file, got)
			}
			if !strings.Contains(got, "\n>") && !strings.Contains(got, "# quiet") {
				t.Errorf("%s publishes nothing and does not say \"# quiet\"", file)
			}
		})
	}
}

type storyPlayer struct {
	st     memState
	pol    *Policy
	seq    uint64
	ids    int
	told   []Publication // by the last line
	all    []Publication
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

func playStory(t *testing.T, text string) string { return newStoryPlayer().play(t, text) }

func (p *storyPlayer) play(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.HasPrefix(line, ">") {
			continue
		}
		out.WriteString(line + "\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
		case strings.HasPrefix(trimmed, "policy "):
			p.setPolicy(t, strings.TrimPrefix(trimmed, "policy "))
		case strings.HasPrefix(trimmed, "tick "):
			p.tick(t, clockTime(t, strings.TrimPrefix(trimmed, "tick ")))
		case strings.HasPrefix(trimmed, "down "):
			p.jump(t, clockTime(t, strings.TrimPrefix(trimmed, "down ")))
		default:
			p.say(t, n+1, trimmed)
		}
		for _, pub := range p.told {
			out.WriteString("> " + describe(t, pub) + "\n")
		}
		p.all, p.told = append(p.all, p.told...), nil
	}
	return out.String()
}

// setPolicy knows the few switches that stories need; package policy tests the
// YAML.
func (p *storyPlayer) setPolicy(t *testing.T, text string) {
	pol := DefaultPolicy()
	if err := json.Unmarshal([]byte(text), pol); err != nil {
		t.Fatalf("policy: %v", err)
	}
	pol.Hash = fmt.Sprintf("story-%d", p.seq)
	p.pol = pol
	p.step(t, events.Event{ID: pol.Hash, Source: "overstay://test", Type: events.PolicyApplied, Time: clockTime(t, "00:00"),
		Data: &events.Policy{Hash: strings.Repeat("0", 64)}}, pol)
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
	source, number, _ := strings.Cut(m[2], "#")
	ev, err := events.New(typ, source, fmt.Sprintf("e%d", p.ids), clockTime(t, m[1]), subject, d)
	if err != nil {
		t.Fatalf("line %d: %v", n, err)
	}
	if number != "" {
		counter, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatalf("line %d: number of the event: %v", n, err)
		}
		ev.Sequence = events.Sequence{Epoch: 1, Counter: counter}
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
