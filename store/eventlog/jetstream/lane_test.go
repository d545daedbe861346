package jetstream

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/store/eventlog"
)

func waiting(sender string, entries int) *call {
	c := &call{ctx: context.Background(), source: true, done: make(chan struct{})}
	for i := range entries {
		e := eventlog.Entry{Subject: "overstay.events.x", MsgID: fmt.Sprint(sender, "-", i), Sender: sender}
		c.entries, c.bytes = append(c.entries, e), c.bytes+sizeOf(e)
	}
	return c
}

func room(int) bool { return true }

// next is the group that a lane makes, as the committer would settle it.
func (l *lane) next() []item {
	items := l.group(groupMessages, room)
	for _, it := range items {
		it.call.acked++
	}
	l.waiting = settle(l.waiting)
	return items
}

// positions are where a sender's entries stand in the groups that are made from now
// on, counting from 0.
func (l *lane) positions(sender string) (out []int, groups int) {
	at := 0
	for len(l.waiting) > 0 {
		groups++
		before := len(out)
		for _, it := range l.next() {
			if it.entry.Sender == sender {
				out = append(out, at)
			}
			at++
		}
		if before == 0 && len(out) > 0 {
			return out, groups
		}
	}
	return out, groups
}

// TestAFloodDoesNotGoFirst: one sender has sixteen times a thousand entries waiting,
// as many as the gateway lets it have. Whoever comes after all of them is in the very
// next group, behind one turn of the flood, however large its own append is.
func TestAFloodDoesNotGoFirst(t *testing.T) {
	for _, n := range []int{1, 20, 50, 500} {
		l := newLane()
		for range 16 {
			l.waiting = append(l.waiting, waiting("flood", 1000))
		}
		l.waiting = append(l.waiting, waiting("other", n))
		at, groups := l.positions("other")
		last := at[len(at)-1]
		if groups != 1 || len(at) != n || last >= turn*((n-1)/turn+1)+n {
			t.Errorf("%d entries are in group %d, the last at position %d: %v", n, groups, last, at)
		}
		t.Logf("%d entries behind 16,000: in group %d, position %d to %d", n, groups, at[0], last)
	}
	l := newLane()
	for range 16 {
		l.waiting = append(l.waiting, waiting("flood", 1))
	}
	l.waiting = append(l.waiting, waiting("other", 1))
	at, groups := l.positions("other")
	if groups != 1 || at[0] > 1 {
		t.Errorf("one entry behind 16 is in group %d, at position %d", groups, at[0])
	}
	t.Logf("1 entry behind 16 that go one by one: in group %d, position %d", groups, at[0])
}

// TestSendersTakeTurns: whoever waits and however much, each sender's entries keep
// their order, none is lost or doubled, and as long as two have something left
// neither gets more than a turn ahead of the other.
func TestSendersTakeTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLane()
		want := map[string][]string{}
		for i := range rapid.IntRange(1, 40).Draw(t, "calls") {
			s := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "sender")
			c := waiting(s, rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 1000)).Draw(t, "entries"))
			for j := range c.entries {
				c.entries[j].MsgID = fmt.Sprint(i, "-", j)
				want[s] = append(want[s], c.entries[j].MsgID)
			}
			l.waiting = append(l.waiting, c)
		}
		got, ahead := map[string][]string{}, map[string]int{}
		for len(l.waiting) > 0 {
			items := l.next()
			if len(items) == 0 || len(items) > groupMessages {
				t.Fatalf("a group of %d with %d calls waiting", len(items), len(l.waiting))
			}
			for _, it := range items {
				got[it.entry.Sender] = append(got[it.entry.Sender], it.entry.MsgID)
				ahead[it.entry.Sender]++
			}
			for _, a := range l.line {
				for _, b := range l.line {
					if ahead[a] > ahead[b]+turn {
						t.Fatalf("%s has had %d and %s %d, and both have more", a, ahead[a], b, ahead[b])
					}
				}
			}
		}
		for s := range want {
			if !slices.Equal(got[s], want[s]) {
				t.Fatalf("of %s came %v, not %v", s, got[s], want[s])
			}
		}
	})
}
