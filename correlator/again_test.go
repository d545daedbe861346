package correlator

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// TestJudgingAgainChangesNothing: a step judges all that its message can have changed.
// When a history is over and nothing is due any more, everything is judged once more,
// and after another while each verdict is what it was.
func TestJudgingAgainChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h history
		if rapid.Bool().Draw(t, "of every kind") {
			h = genHistory(t, everyKind)
		} else {
			h = genIncident(t)
		}
		order := rapid.Permutation(h.inOrder()).Draw(t, "order")
		pol := everyRule()
		st := memState{}
		w := NewWorking(st)
		var last Message
		h.drive(t, order, func(m Message) Result {
			last = m
			return w.Step(pol, m)
		})
		w.Flush()
		before := verdicts(st)
		w.newStep(pol, last).judgeEverything()
		for i := range 3 {
			last.Origin.Seq++
			last.Event = tickAfter(last.Event, time.Duration(i+1)*7*time.Minute)
			w.Step(pol, last)
		}
		w.Flush()
		if after := verdicts(st); after != before {
			t.Fatalf("%s\n\nbefore all is judged again:\n%s\n\nafter:\n%s", h.story(order), before, after)
		}
	})
}

// judgeEverything is a step that judges all there is.
func (s *step) judgeEverything() {
	for _, class := range []string{keyAccess, keyApproval, keyAccount, keySource} {
		s.st.Scan([]byte(class), nil, func(k, _ []byte) bool {
			s.touch(string(k))
			return true
		})
	}
	s.drain()
	s.tell()
}

// tickAfter is the tick that follows one by a while.
func tickAfter(tick events.Event, by time.Duration) events.Event {
	was := tick.Data.(*events.Tick)
	tick.Time = tick.Time.Add(by)
	tick.ID = fmt.Sprint("again", tick.Time.Unix())
	tick.Data = &events.Tick{Wall: tick.Time, Boot: was.Boot, Monotonic: was.Monotonic + events.Duration(by)}
	return tick
}
