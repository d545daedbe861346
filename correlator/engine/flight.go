package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
)

// flight is a batch that is applied and on its way to disk. Meanwhile the next one is
// applied over it, and waits for it before it takes off itself: one commit at a time,
// in their order, and nothing of a batch is told before its own commit.
type flight struct {
	work     *work
	messages []decoded     // should it be too big, they are applied again in parts
	undo     func()        // makes the engine forget the batch
	landed   chan struct{} // closed once err is set
	err      error
}

// takeOff begins the commit of a batch. Where the engine stands in the log is after
// it from now on.
func (e *Engine) takeOff(w *work, messages []decoded, done released, end uint64) {
	pos, marked, restored, quiet := e.pos, e.marked, e.restored, e.quiet
	f := &flight{work: w, messages: messages, landed: make(chan struct{})}
	f.undo = func() {
		e.pos, e.marked, e.restored, e.quiet, e.core = pos, marked, restored, quiet, nil
	}
	e.pos, e.marked, e.restored, e.quiet, e.core = w.pos, end, false, w.quiet, w.core
	e.flight = f
	g := w.core.Peek(w.policy)
	go func() {
		defer close(f.landed)
		f.err = e.commit(w, done, g)
	}()
}

// flying reports whether a batch is being committed.
func (e *Engine) flying() bool {
	if e.flight == nil {
		return false
	}
	select {
	case <-e.flight.landed:
		return false
	default:
		return true
	}
}

// land waits for the batch that is on its way. One that does not fit into a transaction
// is applied again in parts: again says that what was applied over it is void. After
// any other error nobody knows what is on disk, and the process must end.
func (e *Engine) land(ctx context.Context) (again bool, err error) {
	f := e.flight
	if f == nil {
		return false, nil
	}
	<-f.landed
	e.flight = nil
	if f.err == nil {
		return false, nil
	}
	if !errors.Is(f.err, store.ErrTooBig) || len(f.messages) == 1 {
		e.uncommitted = f.err
		return false, f.err
	}
	f.undo()
	half := len(f.messages) / 2
	for _, part := range [][]decoded{f.messages[:half], f.messages[half:]} {
		if err := e.applyAll(ctx, part); err != nil {
			return true, err
		}
		if _, err := e.land(ctx); err != nil {
			return true, err
		}
	}
	return true, nil
}

// commit makes a batch durable, and then tells everybody of it.
func (e *Engine) commit(w *work, done released, g correlator.Glance) error {
	if err := e.fail(PointBeforeCommit); err != nil {
		return err
	}
	if err := e.cfg.Store.Commit(w.o.batch(w.pos)); err != nil {
		return fmt.Errorf("commit up to position %d: %w", w.pos.Seq, err)
	}
	if err := e.fail(PointAfterCommit); err != nil {
		return err
	}
	e.outbox.released(done)
	e.setPolicy(w.policy)
	e.outbox.add(w.rows)
	e.moved(w.pos.Seq, g)
	if w.pos.Seq >= e.goal {
		e.ready.Store(true)
	}
	e.report(w, g)
	return nil
}
