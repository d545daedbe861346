package review

import (
	"slices"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/memory"
)

// TestFewStopsOfALongLog: however long the log, there are few stops, evenly spread,
// from its beginning to its end, and each has the state as of its position.
func TestFewStopsOfALongLog(t *testing.T) {
	state := memory.New()
	var s stops
	s.begin(state)
	watch := s.watching(state, nil)
	view := correlator.NewView(noState{}, correlator.DefaultPolicy())
	const last = 200_000
	for seq := uint64(1); seq <= last; seq++ {
		watch(correlator.Message{Origin: correlator.Origin{Seq: seq}, Event: events.Event{}}, correlator.Result{}, view)
		if seq%50 == 0 {
			b := store.NewBatch()
			b.Position.Seq = seq
			if err := state.Commit(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.end(state, Outcome{Last: last, View: view})
	if n := len(s.all); n < maxStops/2 || n > maxStops+1 || s.all[0].position != 0 || s.all[n-1].position != last {
		t.Fatalf("%d stops from %d to %d", n, s.all[0].position, s.all[n-1].position)
	}
	for i, at := range s.all {
		if got := reachedBy(at.state); got != at.position {
			t.Errorf("the state of stop %d is as of %d, and it is said to be of %d", i, got, at.position)
		}
		if i > 0 && at.position-s.all[i-1].position > 2*s.every {
			t.Errorf("nothing between %d and %d, and every %d there is to be a stop", s.all[i-1].position, at.position, s.every)
		}
	}
	for _, position := range []uint64{1, 2, 70_000, last, last + 1} {
		at := s.before(position)
		i := slices.IndexFunc(s.all, func(o stop) bool { return o.position == at.position })
		if at.position >= position || i+1 < len(s.all) && s.all[i+1].position < position {
			t.Errorf("before %d comes the stop at %d", position, at.position)
		}
	}
}

// noState holds nothing.
type noState struct{}

func (noState) Get([]byte) []byte                                { return nil }
func (noState) Put([]byte, []byte)                               {}
func (noState) Delete([]byte)                                    {}
func (noState) Scan(_, _ []byte, _ func(key, value []byte) bool) {}
