package correlator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A list has what was put on it and not taken off, in order, whether it is kept or
// read again, short or too long to be kept; and what is noted of an id is where
// something stands under it, no more and no less.
func TestListsHaveWhatIsOnThem(t *testing.T) {
	classes := []string{indexChild, indexGranted, indexRef, indexPastChild}
	rapid.Check(t, func(t *rapid.T) {
		st := memState{}
		w := NewWorking(st)
		on := map[string]map[string]bool{} // by class and id
		if rapid.Bool().Draw(t, "long") {
			on[indexChild+"a"] = map[string]bool{}
			for i := range maxListed {
				w.enlist(indexChild, "a", fmt.Sprintf("%03d", 3*i))
				on[indexChild+"a"][fmt.Sprintf("%03d", 3*i)] = true
			}
		}
		for range rapid.IntRange(1, 100).Draw(t, "acts") {
			class, id := rapid.SampledFrom(classes[:2]).Draw(t, "class"), rapid.SampledFrom([]string{"", "a", "ab"}).Draw(t, "id")
			entry := fmt.Sprintf("%03d", rapid.IntRange(0, 9).Draw(t, "entry"))
			list := on[class+id]
			if list == nil {
				list = map[string]bool{}
				on[class+id] = list
			}
			switch rapid.IntRange(0, 9).Draw(t, "act") {
			case 0, 1, 2, 3, 4, 5:
				w.enlist(class, id, entry)
				list[entry] = true
			case 6, 7:
				w.delist(class, id, entry)
				delete(list, entry)
			case 8:
				var got []string
				w.each(class, id, func(e string) bool { got = append(got, e); return true })
				if want := slices.Sorted(maps.Keys(list)); !slices.Equal(got, want) {
					t.Fatalf("%s of %q lists %v, and %v were put on it", class, id, got, want)
				}
			case 9:
				w.Flush()
				w = NewWorking(st)
			}
		}
		for _, class := range classes {
			for _, id := range []string{"", "a", "ab"} {
				there := len(on[class+id]) > 0
				if got := strings.Contains(string(st.Get([]byte(keyStanding+id))), class); got != there {
					t.Fatalf("of %s under %q there is something: %v; noted is %v", class, id, there, got)
				}
			}
		}
	})
}
