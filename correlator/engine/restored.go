package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// MarkRestored notes in a state that it and its log, which [Fits], come from a
// backup. The log is another incarnation then, and ends earlier than the one that
// was lost: the next engine begins a new epoch, and goes on where the state is
// instead of reading everything again.
func MarkRestored(s store.Store, logID string, taken time.Time) error {
	at, err := s.Position()
	if err != nil {
		return fmt.Errorf("engine: mark the state as restored: %w", err)
	}
	b := store.NewBatch()
	b.Put([]byte(keyRestored), []byte(taken.UTC().Format(time.RFC3339)))
	at.LogID = logID
	b.Position = at
	if err := s.Commit(b); err != nil {
		return fmt.Errorf("engine: mark the state as restored: %w", err)
	}
	return nil
}

// Fits says why a state at a position cannot be gone on from with a log, whatever
// incarnation of it: "" if the log has the message that the position names, or
// follows it without a gap.
func Fits(ctx context.Context, log eventlog.Log, at store.Position) (string, error) {
	st, err := log.State(ctx)
	if err != nil {
		return "", fmt.Errorf("ask the log for its state: %w", err)
	}
	at.LogID = st.ID
	return mismatch(ctx, log, st, at)
}

// identifyRestored begins the epoch of a restored state, if it is one and its log
// was restored with it.
func (e *Engine) identifyRestored(ctx context.Context, st eventlog.State) (bool, error) {
	taken, err := e.cfg.Store.Get([]byte(keyRestored))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask whether the state was restored: %w", err)
	}
	e.restored = true
	at := e.pos
	at.LogID = st.ID
	if reason, err := e.mismatch(ctx, st, at); err != nil || reason != "" {
		return false, err // a log that is no copy of the one in the backup
	}
	at.Epoch = epochAfter(e.pos, st.ID, at.Seq+1)
	e.pos = at
	reason := "restored from a backup of " + string(taken)
	e.cfg.Logger.Error("the state and its log were restored from a backup; a new epoch begins", "taken", string(taken), "position", at.Seq, "logEnd", st.Last)
	e.parted = true
	return true, e.appendEpoch(ctx, reason)
}
