package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// maxOverlay bounds the bytes that a batch writes before it is committed: half of
// what one transaction of the store takes.
const maxOverlay = 2 << 20

// loop reads, applies and commits until ctx ends.
func (e *Engine) loop(ctx context.Context) error {
	reader, err := e.cfg.Log.Read(ctx, e.pos.Seq+1)
	if err != nil {
		return fmt.Errorf("read the log from %d: %w", e.pos.Seq+1, err)
	}
	defer reader.Close()
	goal := e.last.Load()
	for {
		if e.pos.Seq >= goal {
			e.ready.Store(true)
		}
		batch, err := e.nextBatch(ctx, reader)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if err := e.applyAll(ctx, batch); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// nextBatch waits for a message, takes what is at hand after it, and decodes that.
func (e *Engine) nextBatch(ctx context.Context, reader eventlog.Reader) ([]decoded, error) {
	m, err := reader.Next(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", e.pos.Seq, err)
	}
	batch := []eventlog.Message{m}
	for len(batch) < e.cfg.BatchMessages {
		m, ok, err := reader.TryNext()
		if err != nil {
			return nil, fmt.Errorf("read the log after %d: %w", batch[len(batch)-1].Position, err)
		}
		if !ok {
			break
		}
		batch = append(batch, m)
	}
	return decodeAll(batch), nil
}

// applyAll applies messages in as few commits as fit.
func (e *Engine) applyAll(ctx context.Context, batch []decoded) error {
	for len(batch) > 0 {
		n, err := e.applyBatch(ctx, batch)
		if errors.Is(err, store.ErrTooBig) && len(batch) > 1 {
			half := batch[:len(batch)/2]
			if err := e.applyAll(ctx, half); err != nil {
				return err
			}
			batch = batch[len(half):]
			continue
		}
		if err != nil {
			return err
		}
		batch = batch[n:]
	}
	return nil
}

// applyBatch steps through messages over one overlay and commits it. It returns
// how many it took.
func (e *Engine) applyBatch(ctx context.Context, batch []decoded) (int, error) {
	o := newOverlay(e.cfg.Store)
	w := &work{o: o, core: e.working(o), pos: e.pos, policy: e.Policy(), quiet: e.quiet}
	taken := 0
	for _, m := range batch {
		if m.Position <= w.pos.Seq {
			taken++
			continue // handed out twice
		}
		if err := e.applyOne(ctx, w, m); err != nil {
			return 0, err
		}
		taken++
		if o.bytes+recordBytes*w.core.Changed() > maxOverlay {
			break
		}
	}
	if w.applied == 0 {
		e.core = w.core
		return taken, nil
	}
	w.core.Flush()
	done := e.outbox.release(o)
	end := e.markEnd(o, w.pos)
	for _, row := range w.rows {
		o.Put(row.key(), row.encode())
	}
	o.Put([]byte(keyVersion), []byte(correlator.StateVersion))
	o.Put([]byte(keySemantics), []byte(correlator.SemanticsID))
	if e.restored {
		o.Delete([]byte(keyRestored))
	}
	switch {
	case w.quiet:
		o.Put([]byte(keyQuiet), nil)
	case e.quiet:
		o.Delete([]byte(keyQuiet))
	}
	if o.err != nil {
		return 0, fmt.Errorf("read the state: %w", o.err)
	}
	if err := e.fail(PointBeforeCommit); err != nil {
		return 0, err
	}
	if err := e.cfg.Store.Commit(o.batch(w.pos)); err != nil {
		return 0, fmt.Errorf("commit up to position %d: %w", w.pos.Seq, err)
	}
	if err := e.fail(PointAfterCommit); err != nil {
		return 0, err
	}
	e.outbox.released(done)
	e.marked = end
	e.restored, e.quiet = false, w.quiet
	e.pos, e.core = w.pos, w.core
	e.setPolicy(w.policy)
	e.outbox.add(w.rows)
	g := w.core.Peek(w.policy)
	e.moved(e.pos.Seq, g)
	e.report(w, g)
	return taken, nil
}

// recordBytes is how many bytes a changed record is taken to have before it is
// encoded.
const recordBytes = 512

// working is what the last batch left decoded, over the batch that begins. While
// a batch is under way the engine keeps none: one that fails leaves nothing behind.
func (e *Engine) working(o *overlay) *correlator.Working {
	core := e.core
	e.core = nil
	if core == nil {
		core = correlator.NewWorking(o)
		if e.cfg.ShowDeparted {
			core.ShowDeparted()
		}
		return core
	}
	core.Over(o)
	return core
}

// work is a batch in the making.
type work struct {
	o       *overlay
	core    *correlator.Working
	pos     store.Position
	policy  *correlator.Policy
	rows    []row
	last    correlator.Result
	quiet   bool
	applied int
	anchor  string    // of the present message
	taken   time.Time // when the log took it
	told    int       // its rows, those of the hole before it included
	counts  map[[2]string]int
}

// applyOne steps through a message, and through the hole before it if there is one.
func (e *Engine) applyOne(ctx context.Context, w *work, d decoded) error {
	m := d.Message
	w.told, w.anchor, w.taken = 0, d.anchor, m.Time
	if m.Position != w.pos.Seq+1 {
		if err := e.missing(ctx, w.pos.Seq+1, m.Position); err != nil {
			return err
		}
		// What follows a hole is told by another epoch than what a state tells that
		// read those positions while they were there.
		w.pos.Epoch = epochAfter(w.pos, w.pos.LogID, m.Position)
		e.cfg.Logger.Error("the log has a hole", "from", w.pos.Seq+1, "to", m.Position-1)
		gap := observation(m, events.ObservedGap, "", "positions are missing from the log", w.pos.Seq+1, m.Position-1)
		e.step(w, correlator.Message{Origin: correlator.Origin{LogID: w.pos.LogID, Epoch: w.pos.Epoch, Seq: m.Position}, Event: gap})
	}
	msg, err := e.message(ctx, d)
	if err != nil {
		return err
	}
	msg.Origin = correlator.Origin{LogID: w.pos.LogID, Epoch: w.pos.Epoch, Seq: m.Position}
	if msg.Policy != nil {
		w.policy = msg.Policy
		d := msg.Event.Data.(*events.Policy)
		w.o.Put([]byte(keyPolicy), []byte(d.YAML))
		if d.By == byConfiguration {
			w.o.Put([]byte(keyConfigured), []byte(d.Hash))
		}
	}
	end := func(error) {}
	if e.cfg.Tracer != nil && msg.Event.TraceParent != "" {
		msg.Event.TraceParent, end = e.cfg.Tracer.Span("apply "+msg.Event.Type.Short(), msg.Event.TraceParent)
	}
	e.step(w, msg)
	end(w.o.err)
	w.quiet = w.quiet && !e.endsQuiet(msg.Event)
	if w.last.Outcome == correlator.Unauthorised {
		if err := e.quarantine(ctx, m, "unauthorised", errors.New(w.last.Refused)); err != nil {
			return err
		}
	}
	w.pos.Seq, w.pos.Anchor = m.Position, w.anchor
	w.applied++
	return nil
}

// missing makes sure that positions which were not delivered are not in the log
// either. What the log has and the reading left out would be lost to this state
// and to no other: the process ends, and the restart reads it.
func (e *Engine) missing(ctx context.Context, from, next uint64) error {
	st, err := e.cfg.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log where it begins: %w", err)
	}
	for p := max(from, st.First); p < next; p++ {
		switch _, err := e.cfg.Log.At(ctx, p); {
		case err == nil:
			return fmt.Errorf("position %d was delivered after %d, and the log has %d", next, from-1, p)
		case !errors.Is(err, eventlog.ErrNoMessage):
			return fmt.Errorf("read the message at %d: %w", p, err)
		}
	}
	return nil
}

func (e *Engine) step(w *work, msg correlator.Message) {
	w.last = w.core.Step(w.policy, msg)
	if e.cfg.Watch != nil {
		e.cfg.Watch(msg, w.last, w.core.View(w.policy))
	}
	for _, p := range w.last.Publish {
		if !e.silent && !w.quiet && (e.cfg.Tell == nil || e.cfg.Tell(p)) {
			w.rows = append(w.rows, newRow(msg.Origin, w.anchor, w.taken, w.told, p))
		}
		w.told++
	}
	if w.counts == nil {
		w.counts = map[[2]string]int{}
	}
	w.counts[[2]string{msg.Event.Type.Class(), string(w.last.Outcome)}]++
}

// report sets the metrics after a commit.
func (e *Engine) report(w *work, g correlator.Glance) {
	for k, n := range w.counts {
		for range n {
			e.cfg.Metrics.EventApplied(k[0], k[1])
		}
	}
	e.watchClock(g)
	e.cfg.Metrics.SetOpenAccesses(int64(g.Open))
	e.cfg.Metrics.SetArmedTimers(int64(g.Timers))
	overdue := time.Duration(0)
	if g.NextDue != correlator.Forever && g.Now > g.NextDue {
		overdue = g.Now.Sub(g.NextDue)
	}
	e.cfg.Metrics.SetOverdue(overdue)
	e.cfg.Metrics.SetLag(int64(e.last.Load()) - int64(e.pos.Seq))
	for _, s := range g.Sources {
		if s.Progress != 0 {
			e.cfg.Metrics.SetSourceProgressAge(s.URI, e.cfg.Clock.Wall().Sub(s.Progress.Std()))
		}
	}
}
