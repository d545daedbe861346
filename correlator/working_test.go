package correlator

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// TestOneRunOrManySteps: records that stay decoded over a run of messages, however
// it is cut and however few of them are kept from one to the next, give the bytes that each step by itself gives.
func TestOneRunOrManySteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		msgs := messagesOf(genHistory(t, everyKind))
		alone, together := memState{}, memState{}
		run := NewWorking(together)
		run.Keep(rapid.IntRange(0, 40).Draw(t, "keep"))
		for i, m := range msgs {
			want := Step(alone, DefaultPolicy(), m)
			got := run.Step(DefaultPolicy(), m)
			if a, b := bytesOf(t, want), bytesOf(t, got); !bytes.Equal(a, b) {
				t.Fatalf("message %d: alone:\n%s\ntogether:\n%s", i, a, b)
			}
			if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
				run.Flush()
				run.Over(together)
			}
		}
		run.Flush()
		for _, k := range slices.Sorted(maps.Keys(alone)) {
			if alone[k] != together[k] {
				t.Fatalf("%q: alone:\n%s\ntogether:\n%s", k, alone[k], together[k])
			}
		}
		if len(alone) != len(together) {
			t.Fatalf("alone %d keys, together %d", len(alone), len(together))
		}
	})
}

// messagesOf lays a history out as a log: its events as they come, ticks between.
func messagesOf(h history) []Message {
	var out []Message
	add := func(ev events.Event) {
		out = append(out, Message{Origin: Origin{"log", 1, uint64(len(out) + 1)}, Event: ev})
	}
	tick := func(at time.Time) {
		for range 4 {
			at = at.Add(20 * time.Second)
			add(events.Event{ID: fmt.Sprint("t", len(out)), Source: "overstay://clock", Type: events.ClockTick, Time: at,
				Data: &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(historyStart))}})
		}
	}
	for i, ev := range h.events {
		if i < len(h.ticks) {
			tick(h.ticks[i])
		}
		add(ev)
	}
	for i := range 10 {
		tick(h.ticks[len(h.ticks)-1].Add(time.Duration(i) * 20 * time.Minute))
	}
	return out
}

func bytesOf(t *rapid.T, r Result) []byte {
	var out []byte
	for _, p := range r.Publish {
		encode := p.Seal.Encode
		if p.Alert != nil {
			encode = p.Alert.Encode
		}
		b, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		out = append(append(out, b...), '\n')
	}
	return fmt.Appendf(out, "%d %t %s", r.NextDue, r.Backlog, r.Outcome)
}

// TestAsManyAreKept: what was not asked for goes, in time, down to what was said.
func TestAsManyAreKept(t *testing.T) {
	st := memState{}
	w := NewWorking(st)
	w.Keep(20)
	for i := range 100 {
		w.access(accessKey(fmt.Sprint(i)))
		w.list(indexLink, fmt.Sprint(i))
		w.Over(st)
		if n := len(w.accesses.young) + len(w.accesses.old); n > 22 {
			t.Fatalf("after %d records %d are kept", i+1, n)
		}
		if n := len(w.lists.young) + len(w.lists.old); n > 82 {
			t.Fatalf("after %d lists %d are kept", i+1, n)
		}
	}
	if n := len(w.accesses.young) + len(w.accesses.old); n < 10 {
		t.Errorf("at the end %d are kept", n)
	}
}
