package engine

import (
	"bytes"
	"fmt"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
)

// LoadPast fills a store with a checkpoint, for an engine that plays again what
// came after it. What the run that took the checkpoint had yet to publish, and how
// far it saw the log reach, was that run's and is left out. A checkpoint of other
// semantics or of another form of state is refused with an *OutdatedError.
func LoadPast(into store.Store, from func(fn func(key, value []byte) error) (checkpoint.Info, error)) (checkpoint.Info, error) {
	info, err := checkpoint.Load(into, func(fn func(key, value []byte) error) (checkpoint.Info, error) {
		return from(func(key, value []byte) error {
			if ofTheRun(key) {
				return nil
			}
			return fn(key, value)
		})
	})
	if err != nil {
		return info, fmt.Errorf("load the state at position %d: %w", info.Position.Seq, err)
	}
	if info.Semantics != correlator.SemanticsID || info.State != correlator.StateVersion {
		return info, &OutdatedError{Reason: fmt.Sprintf("the checkpoint at position %d has semantics %q and state version %q, and this program has %q and %q",
			info.Position.Seq, info.Semantics, info.State, correlator.SemanticsID, correlator.StateVersion)}
	}
	return info, nil
}

// ofTheRun reports whether a key of a state says something of the run that made it,
// and not of what the log says.
func ofTheRun(key []byte) bool {
	switch string(key) {
	case keyMark, keyStock, keyEnd, keyQuiet:
		return true
	}
	return bytes.HasPrefix(key, []byte(keyOutbox))
}

// Leave makes a state in which a log was played one from which it may be played again,
// to another position: what that run had yet to publish, and how far it saw the log
// reach, goes.
func Leave(st store.Store) error {
	at, err := st.Position()
	if err != nil {
		return fmt.Errorf("leave a state: %w", err)
	}
	b := store.NewBatch()
	b.Position = at
	for _, of := range []string{keyMark, keyStock, keyEnd, keyQuiet, keyOutbox} {
		err := st.Scan([]byte(of), nil, func(key, _ []byte) bool {
			if ofTheRun(key) {
				b.Delete(key)
			}
			return true
		})
		if err != nil {
			return fmt.Errorf("leave the state at position %d: %w", at.Seq, err)
		}
	}
	if len(b.Ops) == 0 {
		return nil
	}
	if err := st.Commit(b); err != nil {
		return fmt.Errorf("leave the state at position %d: %w", at.Seq, err)
	}
	return nil
}
