package engine

import (
	"errors"
	"fmt"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
)

// Look reads the state of one commit, for whoever asks about it while the engine goes
// on: neither waits for the other. The view is gone when fn returns.
func (e *Engine) Look(fn func(v *correlator.View, at store.Position)) error {
	snap, err := e.Snapshot()
	if err != nil {
		return err
	}
	s := &still{snap: snap}
	fn(correlator.NewView(s, e.Policy()), snap.Position())
	if err := errors.Join(s.err, snap.Close()); err != nil {
		return fmt.Errorf("engine: look at the state: %w", err)
	}
	return nil
}

// still is a snapshot as the core reads it. The first error is kept: what was made of
// a state that could not be read is nothing.
type still struct {
	snap store.Snapshot
	err  error
}

var _ correlator.State = (*still)(nil)

// Get implements correlator.State.
func (s *still) Get(key []byte) []byte {
	v, err := s.snap.Get(key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		s.fail(err)
	}
	return v
}

// Scan implements correlator.State.
func (s *still) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
	if err := s.snap.Scan(prefix, from, fn); err != nil {
		s.fail(err)
	}
}

// errStill: a view changes nothing, so nobody writes here.
var errStill = errors.New("a state that is looked at does not change")

// Put implements correlator.State.
func (s *still) Put([]byte, []byte) { s.fail(errStill) }

// Delete implements correlator.State.
func (s *still) Delete([]byte) { s.fail(errStill) }

func (s *still) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}
