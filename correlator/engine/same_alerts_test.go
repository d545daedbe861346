package engine_test

import (
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/checkpoint"
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
	// lose: at each restart the state is lost, and made again from a checkpoint that
	// was taken somewhere before.
	lose bool
}

func (s setup) String() string {
	kind := "memory"
	if s.badger {
		kind = "badger"
	}
	if s.lose {
		kind += ", lost"
	}
	return fmt.Sprintf("batch %d, %s, restart %d, procs %d", s.batch, kind, s.restart, s.procs)
}

// TestOneLogOneHistoryOfAlerts: whatever the batch size, the store, the restarts,
// the number of processors and the checkpoints that a lost state is made again
// from, one log gives one alert stream, byte for byte.
func TestOneLogOneHistoryOfAlerts(t *testing.T) {
	setups := []setup{
		{batch: 1}, {batch: 3}, {batch: 256},
		{batch: 256, procs: 1}, {batch: 3, procs: 2},
		{batch: 1, restart: 1}, {batch: 3, restart: 7}, {batch: 256, restart: 100},
		{batch: 64, badger: true}, {batch: 256, badger: true, restart: 211},
		{batch: 1, restart: 97, lose: true}, {batch: 64, restart: 61, lose: true}, {batch: 256, badger: true, restart: 149, lose: true},
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
				w := playAs(t, s, seed, entries)
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
func playAs(t *testing.T, s setup, seed uint64, entries []eventlog.Entry) *world {
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
	cfg := w.config()
	cfg.BatchMessages = s.batch
	var losses *losses
	if s.lose {
		losses = newLosses(t, seed)
		cfg.Checkpoints, cfg.CheckpointKeep = losses.folder, 1000
	}
	for part := range slices.Chunk(entries, piece) {
		if s.lose {
			losses.strike(t, w, &dir)
		}
		if s.badger {
			w.store = openBadger(t, dir)
		}
		w.append(t, part...)
		cfg.Store = w.store
		if err := w.playAnd(t, cfg, func(e *engine.Engine) error {
			if !s.lose {
				return nil
			}
			_, err := e.Checkpoint(t.Context())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if s.badger {
			if err := w.store.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s.lose && losses.used < 3 {
		t.Errorf("only %d checkpoints were started from: the setup proves too little", losses.used)
	}
	return w
}

// losses takes states away, and the newest of their checkpoints, at random.
type losses struct {
	rng    *rand.Rand
	folder *checkpoint.Folder
	used   int
}

func newLosses(t *testing.T, seed uint64) *losses {
	t.Helper()
	folder, err := checkpoint.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &losses{rng: rand.New(rand.NewPCG(seed, 2)), folder: folder}
}

func (l *losses) strike(t *testing.T, w *world, dir *string) {
	t.Helper()
	w.store, *dir = storememory.New(), t.TempDir()
	files, err := l.folder.List()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		return
	}
	for _, c := range files[:l.rng.IntN(min(4, len(files)))] {
		if err := l.folder.Remove(c); err != nil {
			t.Fatal(err)
		}
	}
	l.used++
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
