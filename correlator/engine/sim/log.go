package sim

import (
	"context"
	"time"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// window is how long the log knows a message id again.
const window = 20 * time.Second

// broker is the log's server: the log in memory that the other tests use, with a
// window for message ids that is forgotten as a real one is.
type broker struct {
	world *World
	log   *memory.Log
	seen  map[string]time.Duration
	// full: it takes no source events; stuffed: nothing at all.
	full, stuffed bool
	// stalled: it delivers nothing before.
	stalled time.Duration
}

func newBroker(w *World) *broker {
	return &broker{
		world: w, seen: map[string]time.Duration{},
		log: memory.New(memory.Options{ID: "sim@1", Now: func() time.Time { return began.Add(w.now) }}),
	}
}

// append takes entries in; a copy within the window counts as taken.
func (b *broker) append(entries []eventlog.Entry) error {
	ctx := context.Background()
	for _, e := range entries {
		if b.stuffed || b.full && eventlog.FromSource(e.Subject) {
			return eventlog.ErrFull
		}
		id := e.MsgID
		if at, ok := b.seen[id]; ok && id != "" && b.world.now-at < window {
			continue
		}
		e.MsgID = ""
		if err := b.log.Append(ctx, []eventlog.Entry{e}); err != nil {
			return err
		}
		if id != "" {
			b.seen[id] = b.world.now
		}
	}
	b.world.deliver()
	return nil
}

func (b *broker) guarded(e eventlog.Entry, last uint64) (uint64, error) {
	if b.stuffed {
		return 0, eventlog.ErrFull
	}
	pos, err := b.log.AppendGuarded(context.Background(), e, last)
	if err == nil {
		b.world.deliver()
	}
	return pos, err
}

// lifeLog is the log as one process reaches it.
type lifeLog struct{ l *life }

// State implements eventlog.Log.
func (g *lifeLog) State(ctx context.Context) (st eventlog.State, err error) {
	err = g.l.ask(ctx, kindState, func() (err error) {
		st, err = g.l.world.broker.log.State(context.Background())
		return err
	})
	return st, err
}

// At implements eventlog.Log.
func (g *lifeLog) At(ctx context.Context, position uint64) (m eventlog.Message, err error) {
	err = g.l.ask(ctx, kindAt, func() (err error) {
		m, err = g.l.world.broker.log.At(context.Background(), position)
		return err
	})
	return m, err
}

// Append implements eventlog.Log.
func (g *lifeLog) Append(ctx context.Context, entries []eventlog.Entry) error {
	return g.l.ask(ctx, kindAppend, func() error {
		err := g.l.world.broker.append(entries)
		g.l.world.tell("%s: appends %s: %v", g.l, entries[0].Subject, err)
		return err
	})
}

// AppendGuarded implements eventlog.Log.
func (g *lifeLog) AppendGuarded(ctx context.Context, e eventlog.Entry, last uint64) (pos uint64, err error) {
	err = g.l.ask(ctx, kindTick, func() (err error) {
		pos, err = g.l.world.broker.guarded(e, last)
		g.l.world.tell("%s: tick after %d: %d, %v", g.l, last, pos, err)
		return err
	})
	return pos, err
}

// LastOn implements eventlog.Log.
func (g *lifeLog) LastOn(ctx context.Context, subject string) (pos uint64, err error) {
	err = g.l.ask(ctx, kindLastOn, func() (err error) {
		pos, err = g.l.world.broker.log.LastOn(context.Background(), subject)
		return err
	})
	return pos, err
}

// Read implements eventlog.Log.
func (g *lifeLog) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	var r *reader
	err := g.l.ask(ctx, kindRead, func() error {
		inner, err := g.l.world.broker.log.Read(context.Background(), from)
		if err != nil {
			return err
		}
		r = newReader(g.l, inner)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (b *broker) last() uint64 {
	st, err := b.log.State(context.Background())
	if err != nil {
		b.world.violate("the log has no state: %v", err)
	}
	return st.Last
}

// forgetIDs is what a server does that starts on other data than it stopped with.
func (b *broker) forgetIDs() { clear(b.seen) }

// damage notes that the log is damaged.
func (w *World) damage(how string, keeps uint64) {
	w.damaged = true
	w.report.Damaged = true
	w.tell("log: %s, up to %d is whole", how, keeps)
}
