package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/checkpoint"
)

// RebuildOptions say what a rebuild begins with.
type RebuildOptions struct {
	Start   RebuildStart
	Replace bool // put the outcome in the place of the state where they differ
	// Progress is told the position that was reached, and the last one.
	Progress func(at, to uint64)
}

// RebuildStart is where a rebuild begins.
type RebuildStart int

// The starts.
const (
	FromWherePossible RebuildStart = iota // the log's beginning, or else a checkpoint
	FromLog
	FromCheckpoint // the oldest that still reaches the log
)

// Rebuilt is what came of a rebuild.
type Rebuilt struct {
	Position uint64 `json:"position"` // of the state, and of what was derived
	From     uint64 `json:"from"`     // the first position that was read again
	// Checkpoint is the file that it began with, "" for the log's beginning.
	Checkpoint string `json:"checkpoint,omitempty"`
	Replaced   bool   `json:"replaced"`
	engine.Comparison
}

// Rebuild derives the state from the log again, in a folder of its own, and
// compares it with the present one. It publishes nothing. Nothing may run on the
// data folder meanwhile, and a lock sees to it.
func Rebuild(ctx context.Context, o Options, r RebuildOptions) (out Rebuilt, err error) {
	a, err := openOffline(ctx, o)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	fresh, err := badger.OpenFresh(a.dir("rebuild"), badger.Options{Logger: a.log})
	if err != nil {
		return out, fmt.Errorf("make a place for the rebuilt state: %w", err)
	}
	defer func() {
		err = errors.Join(err, fresh.Close(), badger.Destroy(a.dir("rebuild")), os.Remove(a.dir("rebuild")))
	}()

	to, err := a.state.Position()
	if err != nil {
		return out, err
	}
	out.Position = to.Seq
	if out.Checkpoint, err = a.fillFresh(ctx, fresh, to, r.Start); err != nil {
		return out, err
	}
	at, err := fresh.Position()
	if err != nil {
		return out, err
	}
	st, err := a.streams.Events().State(ctx)
	if err != nil {
		return out, fmt.Errorf("ask the log for its state: %w", err)
	}
	out.From = max(at.Seq+1, st.First)
	if err := engine.Rederive(ctx, engine.Rederivation{
		Log: a.streams.Events(), Compile: compilePolicy, Clock: a.opts.Clock, Logger: a.log, Into: fresh, To: to, Progress: r.Progress, KeepRecords: a.cfg.Memory.Records(),
	}); err != nil {
		return out, err
	}
	if err := ctx.Err(); err != nil {
		return out, err // the outcome is not put into force
	}
	if out.Comparison, err = compareStates(a.state, fresh); err != nil || out.Same || !r.Replace {
		return out, err
	}
	out.Replaced = true
	return out, engine.Replace(a.state, fresh)
}

// openOffline opens the state, the log and the checkpoints of a data folder that
// nothing runs on.
func openOffline(ctx context.Context, o Options) (*App, error) {
	if o.Clock == nil {
		o.Clock = engine.NewSystemClock()
	}
	cfg := *o.Config
	cfg.NATS.Listen = "" // nobody else is to reach an embedded server
	a := &App{opts: o, cfg: &cfg, log: o.Logger, started: o.Clock.Wall()}
	for _, open := range []func(context.Context) error{a.openPresent, a.openNATS} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// StateError means that there is no state to compare with or to copy.
type StateError struct {
	Reason string
	Hint   string
}

func (e *StateError) Error() string { return e.Reason }

// openPresent opens the state as it is, and keeps everybody else off the folder.
func (a *App) openPresent(context.Context) error {
	const again = "overstay serve makes it again by itself"
	if err := whole(a.cfg.DataDir); err != nil {
		return err
	}
	s, err := badger.Open(a.dir("state"), badger.Options{Logger: a.log})
	if errors.Is(err, store.ErrCorrupt) {
		return &StateError{err.Error(), again}
	}
	if err != nil {
		return err
	}
	a.state = s
	a.onClose("state", func(context.Context) error { return a.state.Close() })
	var outdated *engine.OutdatedError
	if err := engine.CheckState(s); errors.As(err, &outdated) {
		return &StateError{outdated.Error(), again}
	} else if err != nil {
		return err
	}
	if at, err := s.Position(); err != nil {
		return err
	} else if at.LogID == "" {
		return &StateError{"there is no state in " + a.dir("state"), "has overstay serve run on this data folder?"}
	}
	a.checkpoints, err = checkpoint.OpenFolder(a.dir("checkpoints"))
	return err
}

// fillFresh puts in what the rebuild begins with, and names the checkpoint.
func (a *App) fillFresh(ctx context.Context, fresh store.Store, to store.Position, from RebuildStart) (string, error) {
	st, err := a.streams.Events().State(ctx)
	if err != nil {
		return "", fmt.Errorf("ask the log for its state: %w", err)
	}
	whole := st.First <= 1
	switch {
	case from == FromLog && !whole:
		return "", &StateError{fmt.Sprintf("the log begins at position %d: what came before is in checkpoints only", st.First), "overstay rebuild --from-checkpoint"}
	case from == FromLog, from == FromWherePossible && whole:
		return "", nil
	}
	files, err := a.checkpoints.List()
	if err != nil {
		return "", err
	}
	for i := len(files) - 1; i >= 0; i-- {
		h, err := files[i].Header()
		p := h.Position
		switch {
		case err != nil:
			a.log.Warn("a checkpoint cannot be started from", "error", err)
			continue
		case p.LogID != to.LogID, p.Epoch != to.Epoch, p.Seq > to.Seq, p.Seq+1 < st.First, h.Semantics != correlator.SemanticsID, h.State != correlator.StateVersion:
			continue
		}
		if _, err := files[i].Verify(); err != nil {
			a.log.Warn("a checkpoint cannot be started from", "error", err)
			continue
		}
		_, err = checkpoint.Load(fresh, files[i].Read)
		return files[i].Path, err
	}
	return "", &StateError{"no checkpoint reaches the log, which begins at position " + strconv.FormatUint(st.First, 10), ""}
}

// withSnapshot reads one commit of a store.
func withSnapshot(s store.Snapshotter, do func(store.Snapshot) error) error {
	snap, err := s.Snapshot()
	if err != nil {
		return err
	}
	return errors.Join(do(snap), snap.Close())
}

func compareStates(present, fresh store.Snapshotter) (c engine.Comparison, err error) {
	err = withSnapshot(present, func(p store.Snapshot) error {
		return withSnapshot(fresh, func(f store.Snapshot) error {
			c, err = engine.Compare(p, f)
			return err
		})
	})
	return c, err
}
