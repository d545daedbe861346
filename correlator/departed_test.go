package correlator

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWhatDepartsIsShownAndNothingElseChanges: whoever asks for what departs sees
// every access once more, with all its stretches, and is told the same.
func TestWhatDepartsIsShownAndNothingElseChanges(t *testing.T) {
	shown := 0
	rapid.Check(t, func(t *rapid.T) {
		log := longLog(t, genHistoryOf(t, plainKinds, 16, time.Hour), 3*time.Hour, false)
		pol := DefaultPolicy()
		pol.Horizon, pol.AfterEnd, pol.RotateWithin = 6*time.Hour, 6*time.Hour, 6*time.Hour
		run := func(show bool) (out []string, st memState, whole map[string]int) {
			st, whole = memState{}, map[string]int{}
			w := NewWorking(st)
			if show {
				w.ShowDeparted()
			}
			for _, m := range log {
				r := w.Step(pol, m)
				for _, p := range r.Publish {
					out = append(out, fmt.Sprintf("%d %s", m.Origin.Seq, said(p)))
				}
				for _, x := range r.Departed.Accesses {
					k := string(makeAccessKey(x.Kind, x.Source, x.ID))
					whole[k] = max(whole[k], len(x.Stretches))
				}
			}
			w.Flush()
			return out, st, whole
		}
		plain, before, none := run(false)
		told, after, whole := run(true)
		if !slices.Equal(plain, told) || fmt.Sprint(before) != fmt.Sprint(after) {
			t.Fatalf("shown what departs, it tells\n%q\nand not\n%q", told, plain)
		}
		if len(none) > 0 {
			t.Fatalf("nobody asked, and %d accesses are shown", len(none))
		}
		after.Scan([]byte(keyPastAccess), nil, func(k, _ []byte) bool {
			shown++
			if n, ok := whole[string(k[len(keyPastAccess):])]; !ok || n == 0 {
				t.Fatalf("%q left and was not shown: %d stretches", k, n)
			}
			return true
		})
	})
	if shown == 0 {
		t.Error("nothing ever left")
	}
}
