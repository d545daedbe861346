package engine

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/memory"
)

// TestOverlayOverOneThatIsCommitted: what is read over a batch that is being committed
// is the same before, after, and once it lies over the store itself.
func TestOverlayOverOneThatIsCommitted(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, 0))
	st := memory.New()
	want := map[string]string{}
	change := func(o *overlay, n int) {
		for range n {
			key := fmt.Sprintf("%c/%02d", 'a'+rng.IntN(3), rng.IntN(30))
			if rng.IntN(3) == 0 {
				o.Delete([]byte(key))
				delete(want, key)
				continue
			}
			value := fmt.Sprint(rng.IntN(1000))
			o.Put([]byte(key), []byte(value))
			want[key] = value
		}
	}
	compare := func(o *overlay, when string) {
		t.Helper()
		for _, prefix := range []string{"", "a/", "b/", "c/", "d/"} {
			from := prefix + fmt.Sprintf("%02d", rng.IntN(30))
			var keys, got []string
			for _, k := range slices.Sorted(maps.Keys(want)) {
				if strings.HasPrefix(k, prefix) && k >= from {
					keys = append(keys, k+"="+want[k])
				}
			}
			o.Scan([]byte(prefix), []byte(from), func(k, v []byte) bool {
				got = append(got, string(k)+"="+string(v))
				return true
			})
			if !slices.Equal(got, keys) {
				t.Fatalf("seed %d, %s: %q from %q: %q, not %q", seed, when, prefix, from, got, keys)
			}
		}
		for i := range 90 {
			key := fmt.Sprintf("%c/%02d", 'a'+i%3, i/3)
			v, there := want[key]
			if got := o.Get([]byte(key)); (got != nil) != there || string(got) != v {
				t.Fatalf("seed %d, %s: %s is %q, not %q", seed, when, key, got, v)
			}
		}
	}
	o := newOverlay(st)
	change(o, 20)
	for n := range uint64(300) {
		next := o.over()
		change(next, rng.IntN(20))
		compare(next, "before the commit")
		if err := st.Commit(o.batch(store.Position{LogID: "x", Seq: n})); err != nil {
			t.Fatal(err)
		}
		compare(next, "after the commit")
		next.settle(st)
		compare(next, "over the store")
		if next.err != nil {
			t.Fatal(next.err)
		}
		o = next
	}
}
