package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

// Rederivation says what to derive again, and from what. It publishes nothing and
// writes nothing but the state: neither an alert nor a message into the log.
type Rederivation struct {
	Log     eventlog.Log
	Compile func(text string) (*correlator.Policy, error)
	Clock   Clock
	Logger  *slog.Logger
	// Into holds a checkpoint, which is gone on from, or nothing: then the log's
	// beginning is.
	Into store.Store
	// To is the position of the state that the outcome is to be compared with.
	To store.Position
	// KeepRecords is as in Config.
	KeepRecords int
	// Progress is called after each commit; nil tells nobody.
	Progress func(at, to uint64)
}

// Rederive applies the log to a state up to a position. What is in the outbox is
// no part of what was derived, and the outcome has none.
func Rederive(ctx context.Context, r Rederivation) error {
	if err := CheckState(r.Into); err != nil {
		return fmt.Errorf("engine: rederive: %w", err)
	}
	e, err := New(Config{
		Log: r.Log, Alerts: unheard{}, Quarantine: unheard{}, Store: r.Into, Compile: r.Compile,
		Clock: r.Clock, Logger: r.Logger, Metrics: uncounted{}, Manual: true, KeepRecords: r.KeepRecords,
	})
	if err != nil {
		return err
	}
	if err := e.openToRederive(ctx, r.To); err != nil {
		return fmt.Errorf("engine: rederive: %w", err)
	}
	if r.Progress == nil {
		r.Progress = func(uint64, uint64) {}
	}
	for e.pos.Seq < r.To.Seq {
		if err := e.rederiveSome(ctx, r); err != nil {
			return fmt.Errorf("engine: rederive: %w", err)
		}
	}
	return nil
}

// openToRederive brings an engine to where the state is, without any of the words
// that an engine which runs puts into the log.
func (e *Engine) openToRederive(ctx context.Context, to store.Position) error {
	st, err := e.cfg.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	if e.pos, err = e.cfg.Store.Position(); err != nil {
		return fmt.Errorf("read the position: %w", err)
	}
	if e.pos.LogID == "" {
		declared, err := e.declaredEpoch(ctx, st)
		if err != nil {
			return err
		}
		e.startOver(st)
		if declared != 0 {
			e.pos.Epoch = to.Epoch // what a former epoch left is read in this one
		}
	}
	for _, at := range []store.Position{e.pos, to} {
		if reason, err := e.mismatch(ctx, st, at); err != nil || reason != "" {
			return errors.Join(err, fmt.Errorf("position %d is not of this log: %s", at.Seq, reason))
		}
	}
	if e.pos.Seq > to.Seq {
		return fmt.Errorf("the checkpoint is of position %d, after %d", e.pos.Seq, to.Seq)
	}
	e.silent = true
	if err := e.loadPolicy(ctx); err != nil {
		return err
	}
	return e.outbox.load()
}

// rederiveSome reads on until the log has nothing at hand or the position is
// reached.
func (e *Engine) rederiveSome(ctx context.Context, r Rederivation) (err error) {
	reader, err := e.cfg.Log.Read(ctx, e.pos.Seq+1)
	if err != nil {
		return fmt.Errorf("read the log from %d: %w", e.pos.Seq+1, err)
	}
	defer reader.Close()
	defer func() {
		_, landed := e.land(ctx)
		err = errors.Join(err, landed)
	}()
	for e.pos.Seq < r.To.Seq {
		batch, err := e.nextBatch(ctx, reader)
		if err != nil {
			return err
		}
		for len(batch) > 0 && batch[len(batch)-1].Position > r.To.Seq {
			batch = batch[:len(batch)-1]
		}
		if len(batch) == 0 {
			return fmt.Errorf("the log has a hole at %d", r.To.Seq)
		}
		if err := e.applyAll(ctx, batch); err != nil {
			return err
		}
		r.Progress(e.pos.Seq, r.To.Seq)
	}
	return nil
}

// Replace puts what was derived in the place of a state, and keeps what that one
// knew of what was published and is yet to be. Interrupted, it leaves a state that
// [CheckState] refuses.
func Replace(present store.Store, fresh store.Snapshotter) error {
	noted := map[string][]byte{}
	if err := present.Scan(nil, nil, func(k, v []byte) bool {
		if !derived(k) {
			noted[string(k)] = bytes.Clone(v)
		}
		return true
	}); err != nil {
		return fmt.Errorf("engine: replace the state: read the outbox: %w", err)
	}
	noted[keyQuiet] = nil // what it tells may differ from what that one told
	snap, err := fresh.Snapshot()
	if err != nil {
		return fmt.Errorf("engine: replace the state: %w", err)
	}
	_, err = checkpoint.Load(present, func(fn func(key, value []byte) error) (checkpoint.Info, error) {
		var failed error
		err := snap.Scan(nil, nil, func(k, v []byte) bool {
			if derived(k) {
				failed = fn(k, v)
			}
			return failed == nil
		})
		for k, v := range noted {
			if failed == nil {
				failed = fn([]byte(k), v)
			}
		}
		return checkpoint.Info{Header: checkpoint.Header{Position: snap.Position()}}, errors.Join(err, failed)
	})
	if err := errors.Join(err, snap.Close()); err != nil {
		return fmt.Errorf("engine: replace the state: %w", err)
	}
	return nil
}

// unheard takes what is told to nobody.
type unheard struct{}

// Publish implements eventlog.Alerts.
func (unheard) Publish(context.Context, eventlog.Entry) error { return nil }

// PublishAll implements eventlog.Alerts.
func (unheard) PublishAll(context.Context, []eventlog.Entry) error { return nil }

// Put implements eventlog.Quarantine: what was refused then is kept since then.
func (unheard) Put(context.Context, eventlog.Entry) error { return nil }

// uncounted counts nothing.
type uncounted struct{}

func (uncounted) EventApplied(string, string)                          {}
func (uncounted) EventQuarantined(string)                              {}
func (uncounted) AlertPublished(string, string, string, time.Duration) {}
func (uncounted) SetLag(int64)                                         {}
func (uncounted) SetOpenAccesses(int64)                                {}
func (uncounted) SetArmedTimers(int64)                                 {}
func (uncounted) SetOverdue(time.Duration)                             {}
func (uncounted) SetOutboxDepth(int64)                                 {}
func (uncounted) SetSourceProgressAge(string, time.Duration)           {}
