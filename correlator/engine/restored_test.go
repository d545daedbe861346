package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
	logmemory "github.com/overstay/overstay/store/eventlog/memory"
)

// TestARestoredStateGoesOn: with a copy of its log, which is another incarnation, it
// goes on where it is, in an epoch of its own, says so once, and raises nothing
// twice; with any other log it reads all of that.
func TestARestoredStateGoesOn(t *testing.T) {
	for _, c := range []struct {
		name  string
		keep  int // messages of the log that were restored
		reads int // leases that are read again
	}{{"with its log", 9, 0}, {"with the beginning of its log", 6, 1}} {
		t.Run(c.name, func(t *testing.T) {
			w, f, _ := checkpointed(t)
			before := w.position(t)
			var messages []eventlog.Message
			for at := range uint64(c.keep) {
				m, err := w.log.At(t.Context(), at+1)
				if err != nil {
					t.Fatal(err)
				}
				messages = append(messages, m)
			}
			again := lost(w)
			var err error
			if again.log, err = logmemory.Load(logmemory.Options{ID: "restored@1"}, messages); err != nil {
				t.Fatal(err)
			}
			if _, err := checkpoint.Load(again.store, newest(t, f)[0].Read); err != nil {
				t.Fatal(err)
			}
			if err := engine.MarkRestored(again.store, "restored@1", began); err != nil {
				t.Fatal(err)
			}
			reason, err := engine.Fits(t.Context(), again.log, again.position(t))
			if err != nil || (reason == "") != (c.reads == 0) {
				t.Errorf("it fits: %q, %v", reason, err)
			}
			again.append(t, tick(t, 17*time.Minute))
			again.mustPlay(t)
			again.append(t, tick(t, 17*time.Minute+time.Second)) // what was told has been listed since
			again.mustPlay(t)
			if at := again.position(t); at.LogID != "restored@1" || at.Epoch <= before.Epoch || at.Seq != again.last(t) {
				t.Errorf("it stands at %+v", at)
			}
			if n := again.counts.applied["lease applied"] + again.counts.applied["lease unchanged"]; c.reads == 0 && n != 1 || c.reads > 0 && n < c.reads {
				t.Errorf("%v", again.counts.applied)
			}
			want := []string{"OV-001 r1 raised", "OV-001 r2 resolved ended", "OV-025 r1 raised"}
			if c.reads > 0 { // that it ended is lost
				want = append(want, "OV-001 r3 raised")
			}
			if got := again.lines(t); !slices.Equal(got, want) {
				t.Errorf("told %q, not %q", got, want)
			}
			if said := again.said.String(); strings.Contains(said, "restored from a backup") != (c.reads == 0) {
				t.Errorf("said %s", said)
			}
			again.said = &record{}
			again.append(t, tick(t, 18*time.Minute))
			again.mustPlay(t)
			if said := again.said.String(); strings.Contains(said, "epoch") {
				t.Errorf("the next start says %s", said)
			}
		})
	}
}
