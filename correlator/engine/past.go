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
			if bytes.HasPrefix(key, []byte(keyOutbox)) {
				return nil
			}
			switch string(key) {
			case keyMark, keyStock, keyEnd, keyQuiet:
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
