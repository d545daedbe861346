package correlator

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestScheduleIsItsIndex: what the front says is what the whole index, sorted, says,
// whether the schedule is kept or made anew from the state and the mark.
func TestScheduleIsItsIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st, low := newSortedState(), Time(0)
		c := schedule{index: indexTimer}
		var all []string // its keys, in order
		put := func(due Time, owner string) {
			c.put(st, &low, due, owner)
			k := scheduleKey(indexTimer, due, owner)
			if i, found := slices.BinarySearch(all, k); !found {
				all = slices.Insert(all, i, k)
			}
		}
		owner := rapid.SampledFrom([]string{"", "a", "\x00", "\xff", "\xff\xff\xff", "b"})
		due := rapid.SampledFrom([]Time{1, 2, 3, 100, 101, 1 << 40, Forever})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				put(due.Draw(t, "due"), owner.Draw(t, "owner"))
			},
			"put many": func(t *rapid.T) {
				from, step := due.Draw(t, "from"), rapid.SampledFrom([]Time{0, 1, 7}).Draw(t, "step")
				for i := range frontLoad * 5 / 4 {
					put(min(from, 1<<41)+step*Time(i), fmt.Sprint("m", i))
				}
			},
			"drop": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("nothing to drop")
				}
				i := rapid.IntRange(0, len(all)-1).Draw(t, "from")
				n := min(len(all)-i, rapid.SampledFrom([]int{1, 10, 2 * frontLoad}).Draw(t, "n"))
				for _, k := range all[i : i+n] {
					due, owner := c.split(k)
					c.drop(st, due, owner)
				}
				all = slices.Delete(all, i, i+n)
			},
			"note": func(*rapid.T) { low = c.next(st, low) },
			"anew": func(*rapid.T) { c = schedule{index: indexTimer} },
			"": func(t *rapid.T) {
				want := Forever
				if len(all) > 0 {
					want, _ = c.split(all[0])
				}
				if got := c.next(st, low); got != want {
					t.Fatalf("next is %d, want %d", got, want)
				}
				if len(c.front) > 2*frontLoad {
					t.Fatalf("%d keys are kept", len(c.front))
				}
				now, most := due.Draw(t, "now"), rapid.SampledFrom([]int{1, 3, frontLoad + 1}).Draw(t, "most")
				n := 0
				for n < min(most, len(all)) {
					if due, _ := c.split(all[n]); due > now {
						break
					}
					n++
				}
				if got := c.due(st, low, now, most); !slices.Equal(got, all[:n]) {
					t.Fatalf("by %d: %q, want %q", now, got, all[:n])
				}
			},
		})
	})
}

// lingering is a state in which a scan passes what was deleted, as in a store that
// appends.
type lingering struct {
	*sortedState
	gone   map[string]bool
	passed int
}

func (l *lingering) Delete(key []byte) { l.gone[string(key)] = true }

func (l *lingering) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
	l.sortedState.Scan(prefix, from, func(k, v []byte) bool {
		l.passed++
		return l.gone[string(k)] || fn(k, v)
	})
}

// TestWhatIsNextIsNotSoughtAmongWhatWas: accesses that are given back before their time
// leave nothing that the search for the next deadline passes again and again, nor does
// a search from nothing after a tick.
func TestWhatIsNextIsNotSoughtAmongWhatWas(t *testing.T) {
	st, low := &lingering{sortedState: newSortedState(), gone: map[string]bool{}}, Time(0)
	c := schedule{index: indexTimer}
	const n = 20 * frontLoad
	for i := range n {
		c.put(st, &low, Time(i+1), "owner")
	}
	for i := range n {
		if got := c.next(st, low); got != Time(i+1) {
			t.Fatalf("next is %d, want %d", got, i+1)
		}
		if i == n/2 {
			low = c.next(st, low) // a tick
		}
		c.drop(st, Time(i+1), "owner")
	}
	if got := c.next(st, low); got != Forever {
		t.Fatalf("next is %d though nothing is left", got)
	}
	if most := n + n/frontLoad + 2; st.passed > most {
		t.Errorf("%d keys were passed for %d deadlines", st.passed, n)
	}
	st.passed = 0
	anew := schedule{index: indexTimer}
	if anew.next(st, low); st.passed > n/2 {
		t.Errorf("%d keys were passed by a search from the mark, half of the %d being below it", st.passed, n)
	}
}
