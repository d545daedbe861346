package engine

import (
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

// TestCheckpointsThatAreKept: over a year of daily checkpoints of a log that is
// kept for 90 days there is always one from which nearly all of the log can be
// read again, the three newest, and few between.
func TestCheckpointsThatAreKept(t *testing.T) {
	const (
		day    = 24 * time.Hour
		perDay = 1000
		age    = 90
	)
	began := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var all []kept
	most, worst := 0, uint64(0)
	for d := range uint64(365) {
		all = slices.Insert(all, 0, kept{
			checkpoint.File{Seq: d * perDay},
			checkpoint.Header{Position: store.Position{LogID: "l", Epoch: 1, Seq: d * perDay}, Taken: began.Add(time.Duration(d) * day)},
		})
		st := eventlog.State{ID: "l", First: 1, Last: d * perDay, MaxAge: age * day}
		if d > age {
			st.First = (d-age)*perDay + 1
		}
		drop := superfluous(all, st, 3)
		all = slices.DeleteFunc(all, func(c kept) bool { return slices.Contains(drop, c) })
		most = max(most, len(all))
		for i := range min(3, d+1) {
			if all[i].file.Seq != (d-i)*perDay {
				t.Fatalf("day %d: the newest are %v", d, all)
			}
		}
		if oldest := all[len(all)-1]; d > 3 && !reaches(oldest, st) {
			t.Fatalf("day %d: %d is kept, and the log begins at %d", d, oldest.file.Seq, st.First)
		} else if d > age {
			worst = max(worst, oldest.file.Seq+1-st.First)
		}
	}
	if most > 3+checkpointSteps+2 {
		t.Errorf("%d were kept at a time", most)
	}
	if worst > perDay*age/checkpointSteps+perDay {
		t.Errorf("%d messages of the log came before the oldest that was kept", worst)
	}
	t.Logf("%d at most; %d of %d messages before the oldest", most, worst, age*perDay)
}

// TestALogThatForgetsNothing needs the newest only, and one that lost its
// beginning that with which the rest can be read.
func TestALogThatForgetsNothing(t *testing.T) {
	var all []kept
	for seq := uint64(100); seq > 0; seq -= 10 {
		all = append(all, kept{checkpoint.File{Seq: seq}, checkpoint.Header{Position: store.Position{LogID: "l", Seq: seq}}})
	}
	for first, want := range map[uint64][]uint64{1: {70, 60, 50, 40, 30, 20, 10}, 36: {70, 60, 50, 30, 20, 10}} {
		var got []uint64
		for _, c := range superfluous(all, eventlog.State{ID: "l", First: first, Last: 200}, 3) {
			got = append(got, c.file.Seq)
		}
		if !slices.Equal(got, want) {
			t.Errorf("a log from %d on: %d are let go, not %d", first, got, want)
		}
	}
}
