package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	storememory "github.com/overstay/overstay/store/memory"
)

// rederive derives a world's state again, from a checkpoint or from nothing.
func rederive(t *testing.T, w *world, from *checkpoint.File) *storememory.Store {
	t.Helper()
	into := storememory.New()
	if from != nil {
		if _, err := checkpoint.Load(into, from.Read); err != nil {
			t.Fatal(err)
		}
	}
	var told []uint64
	if err := engine.Rederive(t.Context(), engine.Rederivation{
		Log: w.log, Compile: w.config().Compile, Clock: engine.NewSystemClock(), Logger: slog.New(slog.DiscardHandler),
		Into: into, To: w.position(t), Progress: func(at, _ uint64) { told = append(told, at) },
	}); err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || !slices.IsSorted(told) || told[len(told)-1] != w.position(t).Seq {
		t.Errorf("progress was told as %d", told)
	}
	return into
}

func compare(t *testing.T, a, b store.Store) engine.Comparison {
	t.Helper()
	var snaps [2]store.Snapshot
	for i, s := range []store.Store{a, b} {
		snap, err := s.(store.Snapshotter).Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		snaps[i] = snap
	}
	c, err := engine.Compare(snaps[0], snaps[1])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTheLogGivesTheStateAgain: from its beginning and from any checkpoint, and
// nothing is published or written meanwhile. The log goes on after the state.
func TestTheLogGivesTheStateAgain(t *testing.T) {
	w := newWorld()
	f, _ := folder(t)
	cfg := w.config()
	cfg.Checkpoints, cfg.CheckpointKeep = f, 100
	for part := range slices.Chunk(writeHistory(t, 5, 20, 15*time.Minute), 150) {
		w.append(t, part...)
		if err := w.playAnd(t, cfg, func(e *engine.Engine) error {
			_, err := e.Checkpoint(t.Context())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	last := w.last(t)
	w.append(t, tick(t, time.Hour), tick(t, 2*time.Hour))
	published := w.digest()
	again := []*storememory.Store{rederive(t, w, nil)}
	for _, c := range newest(t, f)[1:] {
		again = append(again, rederive(t, w, &c))
	}
	if len(again) < 3 {
		t.Fatalf("only %d ways to derive it", len(again))
	}
	for i, s := range again {
		c := compare(t, w.store, s)
		if !c.Same || len(c.First) != 0 || len(c.Kinds) < 8 {
			t.Errorf("way %d: %+v", i, c)
		}
		if at, err := s.Position(); err != nil || at != w.position(t) {
			t.Errorf("way %d: it stands at %+v, %v", i, at, err)
		}
	}
	if w.digest() != published || w.last(t) != last+2 {
		t.Error("something was published, or written to the log")
	}
}

// TestWhatIsWrongWithAStateIsNamed: a record that is another one, is missing, or
// does not belong; and after Replace nothing is, and what waits for its publication
// still does.
func TestWhatIsWrongWithAStateIsNamed(t *testing.T) {
	w := newWorld()
	w.append(t, overstayed(t)...)
	cfg := w.config()
	cfg.Fail = newFailpoint("before-publish", 1).fail
	if !crash(t, w, cfg) {
		t.Fatal("the alert is published already")
	}
	right := rederive(t, w, nil)
	if c := compare(t, w.store, right); !c.Same {
		t.Fatalf("%+v", c)
	}
	b := store.NewBatch()
	b.Position = w.position(t)
	for k := range keys(t, w.store) {
		switch {
		case strings.HasPrefix(k, "alease"):
			b.Put([]byte(k), []byte("\x01{}"))
		case strings.HasPrefix(k, "p"):
			b.Delete([]byte(k))
		}
	}
	b.Put([]byte("Yelsewhere"), []byte{1})
	if len(b.Ops) != 3 {
		t.Fatalf("%d records to spoil", len(b.Ops))
	}
	if err := w.store.Commit(b); err != nil {
		t.Fatal(err)
	}
	var got []string
	c := compare(t, w.store, right)
	for _, d := range c.First {
		got = append(got, fmt.Sprintf("%s: %s %s", d.How, d.Kind, d.Key))
	}
	want := []string{"missing: index of systems elsewhere", "changed: access lease vault://prod L1", "extra: approval pam://x REQ-1"}
	if c.Same || !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if err := engine.Replace(w.store, right); err != nil {
		t.Fatal(err)
	}
	if c := compare(t, w.store, right); !c.Same {
		t.Errorf("after the replacement: %+v", c)
	}
	w.mustPlay(t)
	if got, want := w.lines(t), []string{"OV-001 r1 raised"}; !slices.Equal(got, want) {
		t.Errorf("told %q, not %q", got, want)
	}
}

func keys(t *testing.T, s store.Store) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	if err := s.Scan(nil, nil, func(k, _ []byte) bool { out[string(k)] = true; return true }); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAnotherLogIsNotDerivedFrom: it would give another state, whatever is wrong
// with this one.
func TestAnotherLogIsNotDerivedFrom(t *testing.T) {
	for name, change := range map[string]func(*world){
		"recreated": func(w *world) { w.log.Recreate() }, "truncated": func(w *world) { w.log.Truncate(3) },
	} {
		w := known(t)
		change(w)
		err := engine.Rederive(context.Background(), engine.Rederivation{
			Log: w.log, Compile: func(string) (*correlator.Policy, error) { return correlator.DefaultPolicy(), nil },
			Clock: engine.NewSystemClock(), Logger: slog.New(slog.DiscardHandler), Into: storememory.New(), To: w.position(t),
		})
		if err == nil || !strings.Contains(err.Error(), "is not of this log") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
