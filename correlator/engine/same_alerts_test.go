package engine_test

import (
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/eventlog"
	storememory "github.com/overstay/overstay/store/memory"
)

// seeds is how many histories are played; more by go test -seeds N.
var seeds = flag.Uint64("seeds", 1, "how many generated histories to play")

// setup is one way of running an engine over a log.
type setup struct {
	batch   int
	badger  bool
	restart int // after so many messages; 0: never
	procs   int // GOMAXPROCS; 0: as it is
}

func (s setup) String() string {
	kind := "memory"
	if s.badger {
		kind = "badger"
	}
	return fmt.Sprintf("batch %d, %s, restart %d, procs %d", s.batch, kind, s.restart, s.procs)
}

// TestOneLogOneHistoryOfAlerts: whatever the batch size, the store, the restarts
// and the number of processors, one log gives one alert stream, byte for byte.
func TestOneLogOneHistoryOfAlerts(t *testing.T) {
	setups := []setup{
		{batch: 1}, {batch: 3}, {batch: 256},
		{batch: 256, procs: 1}, {batch: 3, procs: 2},
		{batch: 1, restart: 1}, {batch: 3, restart: 7}, {batch: 256, restart: 100},
		{batch: 64, badger: true}, {batch: 256, badger: true, restart: 211},
	}
	for seed := range *seeds {
		entries := writeHistory(t, seed, 40, 30*time.Minute)
		base := newWorld()
		base.append(t, entries...)
		base.mustPlay(t)
		want := base.digest()
		t.Logf("seed %d: %d messages, %d publications, sha256 %s", seed, len(entries), len(base.alerts.Published()), want[:16])
		judge(t, base)
		for _, s := range setups {
			t.Run(fmt.Sprintf("seed %d/%s", seed, s), func(t *testing.T) {
				w := playAs(t, s, entries)
				if got := w.digest(); got != want {
					t.Errorf("sha256 %s, not %s: %s", got[:16], want[:16], firstDifference(base.alerts.Published(), w.alerts.Published()))
				}
			})
		}
	}
}

// judge makes sure that the history has something to say.
func judge(t *testing.T, w *world) {
	t.Helper()
	kinds := map[string]int{}
	for _, v := range w.told(t) {
		kinds[v.Rule+" "+v.State]++
	}
	for _, want := range []string{"OV-001 raised", "OV-001 resolved", "OV-022 raised", " sealed"} {
		if kinds[want] == 0 {
			t.Errorf("the history gives no %q: it proves too little", want)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("  %s: %d", k, kinds[k])
	}
}

// playAs writes the log piece by piece and runs an engine over each.
func playAs(t *testing.T, s setup, entries []eventlog.Entry) *world {
	t.Helper()
	if s.procs > 0 {
		before := runtime.GOMAXPROCS(s.procs)
		defer runtime.GOMAXPROCS(before)
	}
	w := newWorld()
	dir := t.TempDir()
	w.store.Close()
	piece := s.restart
	if piece == 0 {
		piece = len(entries)
	}
	w.store = storememory.New()
	for part := range slices.Chunk(entries, piece) {
		if s.badger {
			w.store = openBadger(t, dir)
		}
		w.append(t, part...)
		cfg := w.config()
		cfg.BatchMessages = s.batch
		if err := w.play(t, cfg); err != nil {
			t.Fatal(err)
		}
		if s.badger {
			if err := w.store.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w
}

func openBadger(t *testing.T, dir string) store.Store {
	t.Helper()
	s, err := badger.Open(dir, badger.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// firstDifference tells two alert streams apart.
func firstDifference(want, got []eventlog.Message) string {
	for i := range min(len(want), len(got)) {
		if want[i].Subject != got[i].Subject || string(want[i].Body) != string(got[i].Body) {
			return fmt.Sprintf("publication %d is\n%s %s\nand not\n%s %s", i+1, got[i].Subject, got[i].Body, want[i].Subject, want[i].Body)
		}
	}
	return fmt.Sprintf("%d publications, not %d", len(got), len(want))
}
