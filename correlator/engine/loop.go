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

// applyFor bounds the time for which messages are applied before they are committed,
// while the engine keeps up: what is due is told only after that.
const applyFor = 15 * time.Millisecond

// loop reads, applies and commits until ctx ends. Its error after that is one of a
// commit: nobody knows then what is on disk.
func (e *Engine) loop(ctx context.Context) error {
	reader, err := e.cfg.Log.Read(ctx, e.pos.Seq+1)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("read the log from %d: %w", e.pos.Seq+1, err)
	}
	defer reader.Close()
	if e.goal = e.last.Load(); e.pos.Seq >= e.goal {
		e.ready.Store(true)
	}
	// Whoever is behind finds messages at hand for a long time after the end was asked for.
	for err == nil && ctx.Err() == nil {
		var batch []decoded
		if batch, err = e.nextBatch(ctx, reader); err == nil {
			err = e.applyAll(ctx, batch)
		}
	}
	_, landed := e.land(ctx)
	switch {
	case e.uncommitted != nil:
		return e.uncommitted
	case ctx.Err() != nil:
		return nil
	}
	return errors.Join(err, landed)
}

// nextBatch takes what is at hand, and decodes that. Where nothing is it first waits
// for the commit that is on its way, and then for a message.
func (e *Engine) nextBatch(ctx context.Context, reader eventlog.Reader) ([]decoded, error) {
	m, ok, err := reader.TryNext()
	if err == nil && !ok {
		if _, err := e.land(ctx); err != nil {
			return nil, err
		}
		m, err = reader.Next(ctx)
	}
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
	e.behind = len(batch) == e.cfg.BatchMessages
	return decodeAll(batch), nil
}

// applyAll applies messages in as few commits as fit. The last of them may be on its
// way when it returns.
func (e *Engine) applyAll(ctx context.Context, batch []decoded) error {
	for len(batch) > 0 {
		n, err := e.applyBatch(ctx, batch)
		if err != nil {
			return err
		}
		batch = batch[n:]
	}
	return nil
}

// applyBatch steps through messages over one overlay, and has it committed once the
// batch before it is. It returns how many it took, none if that one did not fit.
func (e *Engine) applyBatch(ctx context.Context, batch []decoded) (int, error) {
	w := e.newWork()
	taken, err := e.steps(ctx, w, batch)
	if err != nil {
		return 0, err
	}
	if w.applied == 0 {
		e.core = w.core
		return taken, nil
	}
	w.core.Flush()
	if again, err := e.land(ctx); again || err != nil {
		return 0, err
	}
	w.o.settle(e.cfg.Store)
	done := e.outbox.release(w.o)
	end := e.markEnd(w.o, w.pos)
	e.note(w)
	if w.o.err != nil {
		return 0, fmt.Errorf("read the state: %w", w.o.err)
	}
	e.takeOff(w, batch[:taken], done, end)
	return taken, nil
}

// newWork begins a batch over the state as the one before it leaves it.
func (e *Engine) newWork() *work {
	o, policy := newOverlay(e.cfg.Store), e.Policy()
	if f := e.flight; f != nil {
		o, policy = f.work.o.over(), f.work.policy
	}
	return &work{o: o, core: e.working(o), pos: e.pos, policy: policy, quiet: e.quiet}
}

// steps takes messages until there are no more, or the batch is as large or has taken
// as long as it may.
func (e *Engine) steps(ctx context.Context, w *work, batch []decoded) (taken int, err error) {
	began := e.cfg.Clock.Monotonic()
	for _, m := range batch {
		taken++
		if m.Position <= w.pos.Seq {
			continue // handed out twice
		}
		if err := e.applyOne(ctx, w, m); err != nil {
			return 0, err
		}
		if w.o.bytes+recordBytes*w.core.Changed() > maxOverlay {
			break
		}
		if !e.behind && e.cfg.Clock.Monotonic()-began > applyFor && !e.flying() {
			break // while another is being committed this one would wait for it
		}
	}
	return taken, nil
}

// note writes what a commit says besides the records: what is to be published, and
// by which program it was made.
func (e *Engine) note(w *work) {
	o := w.o
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
		core.Keep(e.cfg.KeepRecords)
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
	e.cfg.Metrics.SetLag(int64(e.last.Load()) - int64(w.pos.Seq))
	for _, s := range g.Sources {
		if s.Progress != 0 {
			e.cfg.Metrics.SetSourceProgressAge(s.URI, e.cfg.Clock.Wall().Sub(s.Progress.Std()))
		}
	}
}
