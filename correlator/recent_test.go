package correlator

import (
	"fmt"
	"testing"
)

// TestRecordsOfManyActsCountForSeveral: what stays decoded is bounded by what it weighs,
// and what is asked for again stays.
func TestRecordsOfManyActsCountForSeveral(t *testing.T) {
	const most = 100
	kept := func(acts int) int {
		r := newRecent[accessKey](weightOfAccess)
		hot := &access{Acts: make([]act, acts)}
		r.put("hot", hot)
		for i := range 40 * most {
			r.put(accessKey(fmt.Sprint(i)), &access{Acts: make([]act, acts)})
			if x, ok := r.get("hot"); !ok || x != hot {
				t.Fatalf("%d acts: after %d others what is asked for each time is gone", acts, i+1)
			}
			r.age(most)
		}
		return len(r.young) + len(r.old)
	}
	if n := kept(1); n < most || n > 2*most+2 {
		t.Errorf("%d records of one act are kept, by a bound of %d in each of two generations", n, most)
	}
	// 32 acts are nine records; it is weighed only now and then.
	if n := kept(32); n > 2*(most/9+weighEvery)+2 {
		t.Errorf("%d records of 32 acts are kept, by a bound of %d in each of two generations", n, most)
	}
}
