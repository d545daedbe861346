package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	logmemory "github.com/overstay/overstay/store/eventlog/memory"
	storememory "github.com/overstay/overstay/store/memory"
)

func folder(t *testing.T) (*checkpoint.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	f, err := checkpoint.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// checkpointed is a world whose state was copied after each message of a log that
// tells of one overrun, and which goes on after the last of the copies.
func checkpointed(t *testing.T) (*world, *checkpoint.Folder, string) {
	t.Helper()
	w := newWorld()
	f, dir := folder(t)
	cfg := w.config()
	cfg.Checkpoints, cfg.CheckpointKeep = f, 100
	for _, e := range overstayed(t) {
		w.append(t, e)
		if err := w.playAnd(t, cfg, func(e *engine.Engine) error {
			_, err := e.Checkpoint(t.Context())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.append(t, expired(t, "L1", 16*time.Minute))
	w.mustPlay(t)
	if got, want := w.lines(t), []string{"OV-001 r1 raised", "OV-001 r2 resolved ended"}; !slices.Equal(got, want) {
		t.Fatalf("the log gives %q, not %q", got, want)
	}
	return w, f, dir
}

// newest lists a folder's files.
func newest(t *testing.T, f *checkpoint.Folder) []checkpoint.File {
	t.Helper()
	files, err := f.List()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// lost is the same world with another, empty state.
func lost(w *world) *world {
	again := newWorld()
	again.log, again.alerts = w.log, w.alerts
	return again
}

// start plays with checkpoints and says from which one it began.
func start(t *testing.T, w *world, f *checkpoint.Folder) {
	t.Helper()
	cfg := w.config()
	cfg.Checkpoints = f
	if err := w.play(t, cfg); err != nil {
		t.Fatal(err)
	}
}

// TestStartsFromTheNewestCheckpoint: and reads only what came after it.
func TestStartsFromTheNewestCheckpoint(t *testing.T) {
	w, f, _ := checkpointed(t)
	want := w.digest()
	again := lost(w)
	again.log.Forget(9) // only what follows the newest checkpoint
	start(t, again, f)
	if got := again.digest(); got != want {
		t.Errorf("sha256 %s, not %s", got, want)
	}
	if got, want := again.position(t), w.position(t); got != want {
		t.Errorf("it stands at %+v, not %+v", got, want)
	}
	if n := len(again.counts.applied); n != 1 {
		t.Errorf("more was applied than one message: %v", again.counts.applied)
	}
	if diff := differ(t, w.store, again.store); diff != "" {
		t.Errorf("the state differs at %q", diff)
	}
	if said := again.said.String(); !strings.Contains(said, "made again from a checkpoint") {
		t.Errorf("it is not said: %s", said)
	}
}

// differ is the first key in which two states differ.
func differ(t *testing.T, a, b store.Store) string {
	t.Helper()
	read := func(s store.Store) (keys []string, values map[string]string) {
		values = map[string]string{}
		if err := s.Scan(nil, nil, func(k, v []byte) bool {
			if strings.HasPrefix(string(k), "!alerts") || strings.HasPrefix(string(k), "!end") {
				return true // what was seen around the state, and when
			}
			keys, values[string(k)] = append(keys, string(k)), string(v)
			return true
		}); err != nil {
			t.Fatal(err)
		}
		return keys, values
	}
	keysA, valuesA := read(a)
	keysB, valuesB := read(b)
	for _, k := range slices.Sorted(slices.Values(append(keysA, keysB...))) {
		x, inA := valuesA[k]
		if y, inB := valuesB[k]; inA != inB || x != y {
			return k
		}
	}
	return ""
}

// TestADamagedCheckpointIsRefused: it is named, with the place, and the next older
// one is tried; where none is left, the log's beginning.
func TestADamagedCheckpointIsRefused(t *testing.T) {
	w, f, _ := checkpointed(t)
	want := w.digest()
	for broken := 1; broken <= 8; broken++ {
		c := newest(t, f)[broken-1]
		b, err := os.ReadFile(c.Path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)*broken/10] ^= 4
		if err := os.WriteFile(c.Path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		again := lost(w)
		start(t, again, f)
		if got := again.digest(); got != want {
			t.Errorf("%d broken: sha256 %s, not %s", broken, got, want)
		}
		said := again.said.String()
		if n := strings.Count(said, "is damaged in section"); n != broken || !strings.Contains(said, filepath.Base(c.Path)) {
			t.Errorf("%d broken, %d named: %s", broken, n, said)
		}
		if from := strings.Contains(said, "made again from a checkpoint"); from != (broken < 8) {
			t.Errorf("%d broken, and started from one: %v", broken, from)
		}
	}
}

// TestACheckpointThatDoesNotFitIsRefused: with its reason.
func TestACheckpointThatDoesNotFitIsRefused(t *testing.T) {
	rewrite := func(change func(*checkpoint.Header)) func(*testing.T, *world, *checkpoint.Folder) {
		return func(t *testing.T, w *world, f *checkpoint.Folder) {
			for _, c := range newest(t, f) {
				s := storememory.New()
				info, err := checkpoint.Load(s, c.Read)
				if err != nil {
					t.Fatal(err)
				}
				change(&info.Header)
				snap, err := s.Snapshot()
				if err != nil {
					t.Fatal(err)
				}
				if _, _, err := f.Write(info.Header, snap); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, c := range []struct {
		name, reason string
		change       func(*testing.T, *world, *checkpoint.Folder)
	}{
		{"another version", `its state version is "0"`, rewrite(func(h *checkpoint.Header) { h.State = "0" })},
		{"other semantics", `its semantics are "overstay-0"`, rewrite(func(h *checkpoint.Header) { h.Semantics = "overstay-0" })},
		{"another log", "the stream was recreated", func(_ *testing.T, w *world, _ *checkpoint.Folder) { w.log.Recreate() }},
		{"a shorter log", "the stream ends at 1, but 2 was applied", func(_ *testing.T, w *world, _ *checkpoint.Folder) { w.log.Truncate(0) }},
		{"another message there", "the message at 8 is another one", func(t *testing.T, w *world, _ *checkpoint.Folder) {
			w.log.Truncate(0)
			for i := range 9 {
				w.append(t, tickOf(t, "other", time.Duration(i)*time.Second))
			}
		}},
		{"a later beginning", "positions 9 to 10 are gone", func(t *testing.T, w *world, _ *checkpoint.Folder) {
			w.append(t, tick(t, 16*time.Minute), tick(t, 17*time.Minute))
			w.log.Forget(11)
		}},
		{"a newer epoch", "the log says that epoch 4 has begun", func(t *testing.T, w *world, _ *checkpoint.Folder) {
			w.append(t, event(t, events.SystemEpoch, "overstay://engine", "e4", began, "", &events.Epoch{Epoch: 4, LogID: "memory@1", Reason: "test"}))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, f, _ := checkpointed(t)
			c.change(t, w, f)
			w.append(t, tick(t, 20*time.Minute))
			again := lost(w)
			start(t, again, f)
			said := again.said.String()
			if !strings.Contains(said, c.reason) && !strings.Contains(said, strings.ReplaceAll(c.reason, `"`, `\"`)) {
				t.Errorf("%q is not said: %s", c.reason, said)
			}
			if strings.Contains(said, "made again from a checkpoint") {
				t.Errorf("it was started from: %s", said)
			}
			if got, want := again.position(t).Seq, w.last(t); got != want {
				t.Errorf("applied up to %d of %d", got, want)
			}
		})
	}
}

// TestACheckpointReachesOverAGap: a state that ends before the log begins is taken
// for lost where a checkpoint is newer.
func TestACheckpointReachesOverAGap(t *testing.T) {
	w, f, _ := checkpointed(t)
	want, epoch := w.digest(), w.position(t).Epoch
	old := lost(w)
	if _, err := checkpoint.Load(old.store, newest(t, f)[5].Read); err != nil {
		t.Fatal(err)
	}
	old.log.Forget(8)
	start(t, old, f)
	if got := old.digest(); got != want {
		t.Errorf("sha256 %s, not %s", got, want)
	}
	if at := old.position(t); at.Epoch != epoch || at.Seq != 9 {
		t.Errorf("it stands at %+v", at)
	}
	if diff := differ(t, w.store, old.store); diff != "" {
		t.Errorf("the state differs at %q", diff)
	}
}

// TestHalfAStateIsRefused: one that a checkpoint was being put into is not started
// from, and neither is that of other rules.
func TestHalfAStateIsRefused(t *testing.T) {
	for key, value := range map[string]string{checkpoint.Incomplete: "", "!version": "0", "!semantics": "overstay-0"} {
		w := known(t)
		b := store.NewBatch()
		b.Put([]byte(key), []byte(value))
		b.Position = w.position(t)
		if err := w.store.Commit(b); err != nil {
			t.Fatal(err)
		}
		var outdated *engine.OutdatedError
		if err := w.play(t, w.config()); !errors.As(err, &outdated) {
			t.Errorf("%s: %v", key, err)
		}
		if err := engine.CheckState(w.store); !errors.As(err, &outdated) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := engine.CheckState(storememory.New()); err != nil {
		t.Errorf("an empty one: %v", err)
	}
}

// TestCheckpointsAreTakenByThemselves: one when there is none, one a day, and one
// before what follows the newest could leave the log.
func TestCheckpointsAreTakenByThemselves(t *testing.T) {
	for _, c := range []struct {
		name   string
		maxAge time.Duration
		want   []time.Duration // when, in minutes
	}{
		{"daily", 0, []time.Duration{1, 1441, 2881}},
		{"a log of ten hours", 10 * time.Hour, []time.Duration{1, 302, 603}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.log = logmemory.New(logmemory.Options{Now: time.Now, MaxAge: c.maxAge})
				f, _ := folder(t)
				cfg := w.config()
				cfg.Checkpoints = f
				began := time.Now()
				w.append(t, tick(t, 0))
				if err := w.playAnd(t, cfg, func(e *engine.Engine) error {
					var taken []time.Duration
					time.Sleep(30 * time.Second) // messages come between two looks
					for m := 1; len(taken) < len(c.want); m++ {
						if m > 3000 {
							t.Fatalf("taken after %v only", taken)
						}
						time.Sleep(time.Minute)
						w.append(t, tick(t, time.Duration(m)*time.Minute))
						synctest.Wait()
						if last := e.LastCheckpoint(); last != nil && (len(taken) == 0 || last.Taken.Sub(began) > taken[len(taken)-1]*time.Minute) {
							taken = append(taken, last.Taken.Sub(began)/time.Minute)
						}
					}
					if !slices.Equal(taken, c.want) {
						t.Errorf("taken after %d minutes, not %d", taken, c.want)
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				for _, c := range newest(t, f) {
					if h, err := c.Header(); err != nil || h.State != correlator.StateVersion {
						t.Errorf("%+v, %v", h, err)
					}
				}
			})
		})
	}
}
