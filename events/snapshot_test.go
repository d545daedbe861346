package events_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// TestSnapshotHashGoesOn: a sum that was put away after any item and taken up
// again is the sum over all of them.
func TestSnapshotHashGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "items")
		stop := rapid.IntRange(0, n).Draw(t, "stop")
		whole, parts := events.NewSnapshotHash(), events.NewSnapshotHash()
		for i := range n + 1 {
			if i == stop {
				b, err := parts.MarshalBinary()
				if err != nil {
					t.Fatal(err)
				}
				parts = events.NewSnapshotHash()
				if err := parts.UnmarshalBinary(b); err != nil {
					t.Fatal(err)
				}
			}
			if i == n {
				break
			}
			item := events.SnapshotItem{ID: fmt.Sprint(i), Subject: events.ID(rapid.String().Draw(t, "subject"))}
			whole.Add(item)
			parts.Add(item)
		}
		if whole.Sum() != parts.Sum() || whole.Count() != parts.Count() {
			t.Fatalf("%d items, put away after %d: %s, not %s", n, stop, parts.Sum(), whole.Sum())
		}
	})
}

func TestSnapshotHashRefusesWhatItDidNotWrite(t *testing.T) {
	for _, b := range [][]byte{nil, {1}, make([]byte, 8), make([]byte, 100)} {
		if err := events.NewSnapshotHash().UnmarshalBinary(b); err == nil {
			t.Errorf("%d bytes were taken for a state", len(b))
		}
	}
}
