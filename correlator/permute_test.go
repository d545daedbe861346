package correlator_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/scenario"
	"github.com/overstay/overstay/events"
)

var (
	permutations = flag.Int("permutations", 40, "how many orders of its stories TestPermutations plays for each rule")
	permuteSeed  = flag.Uint64("permuteseed", 0, "the seed of TestPermutations; 0: another each time")
)

// TestPermutations: whatever order the facts of a rule's stories arrive in, and
// however often, the last verdicts and seals are the same; ticks, policies and what
// is said of a stream stay in their places. And where facts arrive late, but within
// the settle time, no alert is retracted that is not when they arrive in time.
//
// A rule's stories are those that tell an alert of it, and the quiet ones that name it.
func TestPermutations(t *testing.T) {
	seed := *permuteSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	stories := permutedStories(t)
	for _, r := range correlator.Rules() {
		t.Run(string(r.ID), func(t *testing.T) {
			t.Parallel()
			var of []*permutedStory
			for _, s := range stories {
				if s.of[r.ID] {
					of = append(of, s)
				}
			}
			if len(of) == 0 {
				t.Fatalf("no story of %s has facts that may change places", r.ID)
			}
			rnd := rand.New(rand.NewPCG(seed, 0))
			facts := 0
			for i := range *permutations {
				s := of[i%len(of)]
				facts += len(s.facts)
				if i/len(of)%lateEvery == 0 {
					s.late(t, rnd)
				} else {
					s.anyOrder(t, rnd)
				}
				if t.Failed() {
					t.Fatalf("-permuteseed=%d", seed)
				}
			}
			t.Logf("%d orders of %d stories, %d facts moved; -permuteseed=%d", *permutations, len(of), facts, seed)
		})
	}
}

// lateEvery is how often an order is one of facts that are a little late: those are
// played with all their ticks, and take longer.
const lateEvery = 40

// arrival are the rules about how events arrive; that is what a permutation changes.
var arrival = []correlator.RuleID{"OV-022", "OV-023"}

// entry is one message of a story's log.
type entry struct {
	ev   events.Event
	pol  *correlator.Policy
	at   time.Time // log time
	fact bool
}

// permutedStory is the log of a story.
type permutedStory struct {
	name  string
	of    map[correlator.RuleID]bool
	log   []entry // all of it
	few   []entry // of the ticks only those before something else
	facts []int   // places of facts in few
	// What comes of both in order.
	inOrder, inTime outcome
}

type outcome struct {
	verdicts  string
	retracted map[string]bool
}

// permutedStories reads the stories that have facts to move. Where the policy changes
// or an operator confirms something, what was read by then is judged otherwise than
// what is read after it, and a realm is the first's to declare that speaks of it; both
// are meant to be so. What comes later than the horizon finds that what it is about has
// left the state; and of an access of which more is said than is kept, what comes
// behind what was let go. Those stories are not among them.
func permutedStories(t *testing.T) []*permutedStory {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	var out []*permutedStory
	for _, file := range files {
		if s := readPermuted(t, file); s != nil {
			out = append(out, s)
		}
	}
	return out
}

func readPermuted(t *testing.T, file string) *permutedStory {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Load(file, text, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	s := &permutedStory{name: strings.TrimSuffix(filepath.Base(file), ".yaml"), of: map[correlator.RuleID]bool{}}
	words := 0
	var began, now time.Time
	o, err := sc.Log(func(ev events.Event) {
		e := entry{ev: ev, fact: ev.Type.FromSource() && ev.Type.Class() != "source"}
		switch d := ev.Data.(type) {
		case *events.Tick:
			if now = d.Wall; began.IsZero() {
				began = now
			}
		case *events.Mark:
			words++
		case *events.Resumed:
			if len(d.Capabilities.Realms) > 0 && slices.ContainsFunc(s.log, func(e entry) bool { return e.fact }) {
				words++
			}
		case *events.Policy:
			words++
			if e.pol, err = policy.Load(file, []byte(d.YAML)); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
		e.at = now
		s.log = append(s.log, e)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, pub := range published(o) {
		if pub.Alert != nil {
			s.of[pub.Alert.Rule.ID] = true
		}
	}
	if len(s.of) == 0 {
		for _, r := range correlator.Rules() {
			s.of[r.ID] = strings.Contains(string(text), string(r.ID))
		}
	}
	for i, e := range s.log {
		if isTick(e) && i+1 < len(s.log) && isTick(s.log[i+1]) {
			continue
		}
		if e.fact {
			s.facts = append(s.facts, len(s.few))
		}
		s.few = append(s.few, e)
	}
	if len(s.log) > 0 && s.log[0].pol != nil {
		words-- // the one under which it begins
	}
	if !began.IsZero() && now.Sub(began) > correlator.DefaultPolicy().Horizon {
		return nil
	}
	if words > 0 || len(s.facts) < 2 || len(s.facts) > correlator.MaxActs || !begunBeforeSpeaking(s.few) {
		return nil
	}
	s.inOrder, s.inTime = replay(s.few), replay(s.log)
	return s
}

func isTick(e entry) bool { return e.ev.Type == events.ClockTick }

// anyOrder plays the facts in any order, some of them more than once. But a source
// that says when it begins to speak does not speak before.
func (s *permutedStory) anyOrder(t *testing.T, rnd *rand.Rand) {
	log := s.shuffled(rnd)
	for !begunBeforeSpeaking(log) {
		log = s.shuffled(rnd)
	}
	s.same(t, s.inOrder, replay(log), log)
}

func begunBeforeSpeaking(log []entry) bool {
	spoken := map[string]bool{}
	for _, e := range log {
		if e.ev.Type == events.SourceResumed && spoken[e.ev.Source] {
			return false
		}
		spoken[e.ev.Source] = spoken[e.ev.Source] || e.fact
	}
	return true
}

func (s *permutedStory) shuffled(rnd *rand.Rand) []entry {
	log := slices.Clone(s.few)
	for i, j := range rnd.Perm(len(s.facts)) {
		log[s.facts[i]] = s.few[s.facts[j]]
		log[s.facts[i]].at = s.few[s.facts[i]].at
	}
	for range rnd.IntN(4) {
		from, to := s.facts[rnd.IntN(len(s.facts))], s.facts[0]+rnd.IntN(len(log)-s.facts[0]+1)
		log = slices.Insert(log, to, s.few[from])
	}
	return log
}

// late plays each fact up to the settle time late, but for those that the story has
// come late: they may be at the very end of what is waited for.
func (s *permutedStory) late(t *testing.T, rnd *rand.Rand) {
	log := slices.Clone(s.log)
	for i := range log {
		if log[i].fact && !log[i].at.After(log[i].ev.Time) {
			log[i].at = log[i].at.Add(time.Duration(rnd.Int64N(int64(5 * time.Second))))
		}
	}
	slices.SortStableFunc(log, func(a, b entry) int { return a.at.Compare(b.at) })
	got := replay(log)
	s.same(t, s.inTime, got, log)
	for id := range got.retracted {
		if !s.inTime.retracted[id] {
			t.Errorf("%s: %s is retracted although nothing was later than the settle time:\n%s", s.name, id, order(log))
		}
	}
}

func (s *permutedStory) same(t *testing.T, want, got outcome, log []entry) {
	if want.verdicts != got.verdicts {
		t.Errorf("%s:\n%s\ncomes to\n%s\n\nand not to\n%s", s.name, order(log), got.verdicts, want.verdicts)
	}
}

// order is a log without its ticks, to read.
func order(log []entry) string {
	var b strings.Builder
	for _, e := range log {
		if !isTick(e) {
			fmt.Fprintf(&b, "%s %s %s %s %s\n", e.at.Format("15:04:05.000"), e.ev.Time.Format("15:04:05"), e.ev.Source, e.ev.Type.Short(), e.ev.ID)
		}
	}
	return b.String()
}

// replay plays a log, and ticks on until nothing more can come. Sources that report
// progress go on: what they had said of it was true of another order.
func replay(log []entry) outcome {
	out := outcome{retracted: map[string]bool{}}
	st := correlator.NewSortedState()
	core := correlator.NewWorking(st)
	pol := correlator.DefaultPolicy()
	var seals []*correlator.Seal
	seq := uint64(0)
	step := func(ev events.Event, applied *correlator.Policy) correlator.Result {
		seq++
		res := core.Step(pol, correlator.Message{Origin: correlator.Origin{LogID: "permuted", Epoch: 1, Seq: seq}, Event: ev, Policy: applied})
		for _, pub := range res.Publish {
			switch {
			case pub.Seal != nil:
				seals = append(seals, pub.Seal)
			case pub.Alert.State == correlator.Retracted:
				out.retracted[string(pub.Alert.Rule.ID)+" "+pub.Alert.ID] = true
			}
		}
		return res
	}
	var last *events.Tick
	reporters := map[string]bool{}
	for _, e := range log {
		switch d := e.ev.Data.(type) {
		case *events.Progress:
			reporters[e.ev.Source] = true
		case *events.Resumed:
			reporters[e.ev.Source] = reporters[e.ev.Source] || d.Capabilities.Progress
		}
		if e.pol != nil {
			pol = e.pol
		}
		if d, ok := e.ev.Data.(*events.Tick); ok {
			last = d
		}
		step(e.ev, e.pol)
	}
	// Each time comes after a silence, and lasts until that is made up for.
	for _, hours := range []int{1, 5, 26, 32} {
		for _, more := range []time.Duration{0, time.Minute} {
			by := time.Duration(hours)*time.Hour + more
			tick := &events.Tick{Wall: last.Wall.Add(by), Boot: last.Boot, Monotonic: last.Monotonic + events.Duration(by)}
			for _, uri := range slices.Sorted(maps.Keys(reporters)) {
				if reporters[uri] {
					step(events.Event{ID: fmt.Sprint("tail", seq), Source: uri, Type: events.SourceProgress, Time: tick.Wall,
						Data: &events.Progress{Through: tick.Wall, Basis: events.ByPosition}}, nil)
				}
			}
			for step(events.Event{ID: fmt.Sprint("tail", seq), Source: "overstay://clock", Type: events.ClockTick, Time: tick.Wall, Data: tick}, nil).Backlog {
			}
		}
	}
	core.Flush()
	var lines []string
	for _, l := range strings.Split(correlator.Verdicts(st)+"\n"+correlator.FinalSeals(st, seals), "\n") {
		if !slices.ContainsFunc(arrival, func(id correlator.RuleID) bool { return strings.Contains(l, string(id)) }) {
			lines = append(lines, l)
		}
	}
	out.verdicts = strings.Join(lines, "\n")
	return out
}
