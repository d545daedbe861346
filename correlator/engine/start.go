package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

// begin gives a state that holds nothing, or ends before the log begins, something
// to go on from: the newest checkpoint that reaches the log, and reports whether
// there is one. Each that is refused is named with its reason.
func (e *Engine) begin(ctx context.Context, st eventlog.State) (bool, error) {
	if e.cfg.Checkpoints == nil {
		return false, nil
	}
	files, err := e.cfg.Checkpoints.List()
	if err != nil {
		return false, err
	}
	if len(files) == 0 {
		return false, nil
	}
	epoch, err := e.declaredEpoch(ctx, st)
	if err != nil {
		return false, err
	}
	for _, c := range files {
		reason, err := e.refuse(ctx, st, epoch, c)
		if err != nil {
			return false, err
		}
		if reason != "" {
			e.cfg.Logger.Warn("a checkpoint cannot be started from", "checkpoint", c.Path, "reason", reason)
			continue
		}
		info, err := checkpoint.Load(e.cfg.Store, e.failingLoad(c))
		if err != nil {
			return false, fmt.Errorf("start from a checkpoint: %w", err)
		}
		e.pos = info.Position
		e.cfg.Logger.Warn("the state is made again from a checkpoint and the log after it",
			"checkpoint", c.Path, "taken", info.Taken, "position", info.Position.Seq, "logEnd", st.Last)
		return true, nil
	}
	return false, nil
}

// refuse says why a checkpoint cannot be started from, "" if it can.
func (e *Engine) refuse(ctx context.Context, st eventlog.State, epoch uint64, c checkpoint.File) (string, error) {
	h, err := c.Header()
	if err != nil {
		return err.Error(), nil
	}
	switch p := h.Position; {
	case h.State != correlator.StateVersion:
		return fmt.Sprintf("its state version is %q, and this program's is %q", h.State, correlator.StateVersion), nil
	case h.Semantics != correlator.SemanticsID:
		return fmt.Sprintf("its semantics are %q, and this program's are %q", h.Semantics, correlator.SemanticsID), nil
	case p.Epoch < epoch:
		return fmt.Sprintf("it is of epoch %d, and the log says that epoch %d has begun", p.Epoch, epoch), nil
	case p.Epoch == e.pos.Epoch && p.LogID == e.pos.LogID && p.Seq <= e.pos.Seq:
		return "the state reaches as far", nil
	}
	if reason, err := e.mismatch(ctx, st, h.Position); err != nil || reason != "" {
		return reason, err
	}
	// The whole file is read before anything in the state is touched.
	if _, err := c.Verify(); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

// declaredEpoch is the epoch that the log says it is in, 0 where it says nothing.
// What was judged in a former one was published under another origin.
func (e *Engine) declaredEpoch(ctx context.Context, st eventlog.State) (uint64, error) {
	last, err := e.cfg.Log.LastOn(ctx, events.SystemSubject(events.SystemEpoch.What()))
	if err != nil {
		return 0, fmt.Errorf("find the last epoch in the log: %w", err)
	}
	if last < st.First || last == 0 {
		return 0, nil
	}
	m, err := e.cfg.Log.At(ctx, last)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return 0, nil // retention took it meanwhile
	}
	if err != nil {
		return 0, fmt.Errorf("read the last epoch in the log: %w", err)
	}
	ev, err := events.DecodeNATS(m.Header, m.Body)
	if err != nil {
		return 0, fmt.Errorf("read the last epoch in the log, at position %d: %w", last, err)
	}
	if d, ok := ev.Data.(*events.Epoch); ok {
		return d.Epoch, nil
	}
	return 0, nil
}

// startOver begins at the oldest message of the log, with nothing.
func (e *Engine) startOver(st eventlog.State) {
	e.begun = true
	// A state begun in the middle of a log says other things than one that
	// saw all of it: its epoch is told apart by where it began.
	e.pos = store.Position{LogID: st.ID, Epoch: max(st.First, 1), Seq: max(st.First, 1) - 1}
	if st.First > 1 {
		e.cfg.Logger.Error("the log begins after its first message, and neither state nor checkpoint reaches back to it: what came before is unknown", "first", st.First)
	}
}
