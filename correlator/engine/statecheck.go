package engine

import (
	"errors"
	"fmt"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
)

// OutdatedError means that a store holds no state of this program's: another
// version wrote it, or it was being filled when the process died. It must be
// emptied; the engine fills it again from a checkpoint or the log.
type OutdatedError struct{ Reason string }

func (e *OutdatedError) Error() string { return "the state must be rebuilt: " + e.Reason }

// CheckState reports whether an engine can go on from what a store holds: nil,
// an *OutdatedError, or what reading it said.
func CheckState(s store.Store) error {
	complete, err := checkpoint.Complete(s)
	if err != nil {
		return err
	}
	if !complete {
		return &OutdatedError{"it is half of a checkpoint"}
	}
	pos, err := s.Position()
	if err != nil {
		return fmt.Errorf("read the state's position: %w", err)
	}
	if pos.LogID == "" {
		return nil
	}
	for _, want := range []struct{ key, name, value string }{
		{keyVersion, "version", correlator.StateVersion}, {keySemantics, "semantics", correlator.SemanticsID},
	} {
		have, err := s.Get([]byte(want.key))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("read the state's %s: %w", want.name, err)
		}
		if string(have) != want.value {
			return &OutdatedError{fmt.Sprintf("its %s is %q, and this program's is %q", want.name, have, want.value)}
		}
	}
	return nil
}

// PolicyOf is the text of the policy that a state was last judged by, empty for
// the default one.
func PolicyOf(s store.Store) ([]byte, error) {
	text, err := s.Get([]byte(keyPolicy))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("read the policy in force: %w", err)
	}
	return text, nil
}
