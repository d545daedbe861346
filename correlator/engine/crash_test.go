package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/eventlog"
)

// points are those of a loop whose time the log drives, that takes no checkpoints,
// and that may end before it has looked through the alerts.
var points = slices.DeleteFunc(engine.Points(), func(p string) bool {
	return slices.Contains([]string{engine.PointTicked, engine.PointLooked, engine.PointCheckpointing, engine.PointCheckpointed, engine.PointLoading}, p)
})

const spoils = 6

// spoiled puts messages that cannot be read among the others.
func spoiled(entries []eventlog.Entry) []eventlog.Entry {
	out := slices.Clone(entries)
	for i := range spoils {
		at := len(out) * (i + 1) / (spoils + 1)
		out = slices.Insert(out, at, eventlog.Entry{Subject: entries[at].Subject, Body: []byte("garbage")})
	}
	return out
}

// TestCrashAtEachPoint: an engine that dies at any point of the loop, at any
// turn, leaves nothing that the next one does not put right.
func TestCrashAtEachPoint(t *testing.T) {
	entries := spoiled(writeHistory(t, 7, 6, 8*time.Minute))
	base := newWorld()
	base.append(t, entries...)
	cfg := base.config()
	cfg.BatchMessages = 16
	counter := newFailpoint("", 0)
	cfg.Fail = counter.fail
	if err := base.play(t, cfg); err != nil {
		t.Fatal(err)
	}
	calls := counter.calls
	want := base.digest()
	crashes := 0
	for _, point := range points {
		least := 5
		switch point {
		case engine.PointIdentified, engine.PointBetweenPublications:
			least = 1 // once a life; and as often as publishing falls behind applying
		}
		if calls[point] < least {
			t.Errorf("%s is passed only %d times: the history proves too little", point, calls[point])
		}
		for n := 1; n <= calls[point]; n++ {
			w := newWorld()
			w.append(t, entries...)
			cfg := w.config()
			cfg.BatchMessages = 16
			cfg.Fail = newFailpoint(point, n).fail
			if crash(t, w, cfg) {
				crashes++
			}
			cfg.Fail = nil
			if err := w.play(t, cfg); err != nil {
				t.Fatalf("after a crash at %s, turn %d: %v", point, n, err)
			}
			if got := len(w.quarantine.Kept()); got != spoils {
				t.Fatalf("after a crash at %s, turn %d: %d messages in quarantine, not %d", point, n, got, spoils)
			}
			if w.digest() != want {
				t.Fatalf("after a crash at %s, turn %d: %s", point, n, firstDifference(base.alerts.Published(), w.alerts.Published()))
			}
		}
	}
	t.Logf("%d messages, %d publications, %d crashes: %v", len(entries), len(base.alerts.Published()), crashes, calls)
}

// TestCrashAgainAndAgain: an engine that dies over and over, each life one turn
// longer than the last, still gets through the log.
func TestCrashAgainAndAgain(t *testing.T) {
	entries := spoiled(writeHistory(t, 8, 6, 8*time.Minute))
	base := newWorld()
	base.append(t, entries...)
	base.mustPlay(t)
	for _, point := range points {
		if point == engine.PointIdentified {
			continue // passed once a life, however long that is
		}
		w := newWorld()
		w.append(t, entries...)
		lives := 1
		for ; ; lives++ {
			cfg := w.config()
			cfg.BatchMessages = 16
			cfg.Fail = newFailpoint(point, lives).fail
			if !crash(t, w, cfg) {
				break
			}
			if lives > len(entries) {
				t.Fatalf("%s: no way through after %d lives", point, lives)
			}
		}
		if w.digest() != base.digest() {
			t.Errorf("%s, %d lives: %s", point, lives, firstDifference(base.alerts.Published(), w.alerts.Published()))
		}
		t.Logf("%s: %d lives", point, lives)
	}
}

// crash plays until the failpoint strikes and reports whether it did.
func crash(t *testing.T, w *world, cfg engine.Config) bool {
	t.Helper()
	err := w.play(t, cfg)
	if err == nil {
		return false
	}
	if !isCrash(err) {
		t.Fatal(err)
	}
	return true
}
