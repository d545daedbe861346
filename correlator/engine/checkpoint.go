package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

const (
	// checkpointLook is the time between two looks at whether a checkpoint is due.
	checkpointLook = time.Minute
	// Defaults of the configuration.
	defaultCheckpointEvery = 24 * time.Hour
	defaultCheckpointKeep  = 3
	// checkpointSteps is into how many parts the checkpoints divide the time that
	// the log is kept for: as the log's beginning moves on, there is always one not
	// far after it.
	checkpointSteps = 8
)

// Checkpointed says which checkpoint was taken last by this process.
type Checkpointed struct {
	Position uint64    `json:"position"`
	Taken    time.Time `json:"taken"`
	Records  uint64    `json:"records"`
}

// Checkpoint takes a checkpoint of the state as it is now, and lets go of those
// that are no longer needed. It disturbs nothing: applying and publishing go on.
func (e *Engine) Checkpoint(ctx context.Context) (checkpoint.Info, error) {
	e.checkpointing.Lock()
	defer e.checkpointing.Unlock()
	if e.cfg.Checkpoints == nil {
		return checkpoint.Info{}, errors.New("engine: there is no folder for checkpoints")
	}
	snap, err := e.Snapshot()
	if err != nil {
		return checkpoint.Info{}, err
	}
	c, info, err := e.cfg.Checkpoints.Write(e.checkpointHeader(), failing{snap, e})
	if err := errors.Join(err, snap.Close()); err != nil {
		return info, err
	}
	if err := e.fail(PointCheckpointed); err != nil {
		return info, err
	}
	e.checkpointed.Store(&Checkpointed{Position: info.Position.Seq, Taken: info.Taken, Records: info.Records})
	e.cfg.Logger.Info("a checkpoint was taken", "checkpoint", c.Path, "position", info.Position.Seq, "records", info.Records, "sha256", info.SHA256)
	return info, e.letGo(ctx)
}

// Snapshot is the state of one commit, for whoever copies it.
func (e *Engine) Snapshot() (store.Snapshot, error) {
	from, ok := e.cfg.Store.(store.Snapshotter)
	if !ok {
		return nil, fmt.Errorf("engine: a %T hands out no snapshots", e.cfg.Store)
	}
	snap, err := from.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if snap.Position().LogID == "" {
		return nil, errors.Join(errors.New("engine: the state holds nothing yet"), snap.Close())
	}
	return snap, nil
}

// LastCheckpoint is the checkpoint taken last, nil if this process took none.
func (e *Engine) LastCheckpoint() *Checkpointed { return e.checkpointed.Load() }

func (e *Engine) checkpointHeader() checkpoint.Header {
	return checkpoint.Header{Semantics: correlator.SemanticsID, State: correlator.StateVersion, Taken: e.cfg.Clock.Wall().UTC()}
}

// checkpointLoop takes a checkpoint whenever one is due. A failure is told and
// tried again at the next look: the state itself is none the worse.
func (e *Engine) checkpointLoop(ctx context.Context) error {
	for {
		e.pause(ctx, checkpointLook)
		if ctx.Err() != nil {
			return nil
		}
		due, err := e.checkpointDue(ctx)
		if err == nil && due {
			_, err = e.Checkpoint(ctx)
		}
		if err != nil && ctx.Err() == nil {
			e.cfg.Logger.Error("no checkpoint could be taken", "error", err)
		}
	}
}

// checkpointDue: the newest one is old, or what follows it has been in the log for
// half of the time that the log is kept for.
func (e *Engine) checkpointDue(ctx context.Context) (bool, error) {
	if !e.ready.Load() || e.Applied() == 0 {
		return false, nil // of a state that is behind there will soon be a better one
	}
	files, err := e.cfg.Checkpoints.List()
	if err != nil {
		return false, err
	}
	at, err := e.cfg.Store.Position()
	if err != nil {
		return false, fmt.Errorf("read the position: %w", err)
	}
	for _, c := range files {
		h, err := c.Header()
		if err != nil || h.Position.LogID != at.LogID || h.Position.Epoch != at.Epoch || h.Semantics != correlator.SemanticsID || h.State != correlator.StateVersion {
			continue // of no use to a restart
		}
		if h.Position.Seq == at.Seq {
			return false, nil
		}
		if e.cfg.Clock.Wall().Sub(h.Taken) >= e.cfg.CheckpointEvery {
			return true, nil
		}
		return e.leavesSoon(ctx, h.Position.Seq+1)
	}
	return true, nil
}

// leavesSoon reports whether a message has been in the log for half of its time.
func (e *Engine) leavesSoon(ctx context.Context, position uint64) (bool, error) {
	st, err := e.cfg.Log.State(ctx)
	if err != nil {
		return false, fmt.Errorf("ask the log for its state: %w", err)
	}
	if st.MaxAge == 0 || position > st.Last {
		return false, nil
	}
	m, err := e.cfg.Log.At(ctx, position)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the message at %d: %w", position, err)
	}
	return e.cfg.Clock.Wall().Sub(m.Time) >= st.MaxAge/2, nil
}

// letGo deletes the checkpoints that nothing needs any more.
func (e *Engine) letGo(ctx context.Context) error {
	st, err := e.cfg.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	files, err := e.cfg.Checkpoints.List()
	if err != nil {
		return err
	}
	var all []kept
	for _, c := range files {
		h, err := c.Header()
		if err != nil {
			e.cfg.Logger.Error("a checkpoint is unreadable and is kept for a look at it", "checkpoint", c.Path, "error", err)
			continue
		}
		all = append(all, kept{c, h})
	}
	for _, c := range superfluous(all, st, e.cfg.CheckpointKeep) {
		if err := e.cfg.Checkpoints.Remove(c.file); err != nil {
			return err
		}
	}
	return nil
}

// kept is a checkpoint in the folder.
type kept struct {
	file   checkpoint.File
	header checkpoint.Header
}

// superfluous picks the checkpoints to delete; all are given newest first. The
// newest are kept, so many. Of the others those that still reach the log: the
// oldest of them, with which all of the log can be read again, and between, one in
// each eighth of the time that the log is kept for, to be the oldest one day.
func superfluous(all []kept, st eventlog.State, keep int) []kept {
	if len(all) <= keep {
		return nil
	}
	var out []kept
	newer := all[keep-1].header.Taken
	rest := all[keep:]
	for i, c := range rest {
		oldest := i == len(rest)-1 || !reaches(rest[i+1], st)
		switch {
		case !reaches(c, st):
		case oldest && (st.First > 1 || st.MaxAge > 0), !oldest && st.MaxAge > 0 && newer.Sub(rest[i+1].header.Taken) > st.MaxAge/checkpointSteps:
			newer = c.header.Taken
			continue
		}
		out = append(out, c)
	}
	return out
}

// reaches reports whether a checkpoint can be gone on from with what the log has.
func reaches(c kept, st eventlog.State) bool {
	return c.header.Position.LogID == st.ID && c.header.Position.Seq+1 >= st.First
}
