package sim

import (
	"context"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// reader is a process's place in the log. The world hands messages out, some at a
// time, when it comes to it.
type reader struct {
	l      *life
	inner  eventlog.Reader
	coming bool // a delivery is planned

	// Guarded by the world's mutex.
	at   []eventlog.Message
	err  error
	wait chan struct{}
}

func newReader(l *life, inner eventlog.Reader) *reader {
	r := &reader{l: l, inner: inner}
	l.readers = append(l.readers, r)
	r.expect()
	return r
}

// Next implements eventlog.Reader.
func (r *reader) Next(ctx context.Context) (eventlog.Message, error) {
	for {
		m, ok, err := r.TryNext()
		if ok || err != nil {
			return m, err
		}
		r.l.world.mu.Lock()
		more := make(chan struct{})
		r.wait = more
		r.l.world.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return m, context.Cause(ctx)
		}
	}
}

// TryNext implements eventlog.Reader.
func (r *reader) TryNext() (m eventlog.Message, ok bool, err error) {
	r.l.world.mu.Lock()
	defer r.l.world.mu.Unlock()
	if r.l.dead {
		return m, false, errDead
	}
	if len(r.at) == 0 {
		return m, false, r.err
	}
	m, r.at = r.at[0], r.at[1:]
	return m, true, nil
}

// Close implements eventlog.Reader.
func (r *reader) Close() error { return nil }

// deliver has all readers look for more.
func (w *World) deliver() {
	for _, m := range w.machines {
		if m.life == nil {
			continue
		}
		for _, r := range m.life.readers {
			r.expect()
		}
	}
}

// expect plans the next delivery.
func (r *reader) expect() {
	if r.coming || r.err != nil {
		return
	}
	w := r.l.world
	r.coming = true
	w.plan(max(w.between(0, 4*time.Millisecond), w.broker.stalled-w.now), r.l, r.take)
}

// take hands some messages out, as a transport does that may be disturbed.
func (r *reader) take() {
	w := r.l.world
	r.coming = false
	if r.l.machine.life != r.l {
		return
	}
	if w.broker.stalled > w.now {
		r.expect()
		return
	}
	var got []eventlog.Message
	for most := 1 + w.rng.IntN(40); len(got) < most; {
		m, ok, err := r.inner.TryNext()
		if err != nil {
			w.tell("%s: reads: %v", r.l, err)
			r.hand(got)
			r.fail(err)
			return
		}
		if !ok {
			r.hand(w.transport(r, got))
			return
		}
		r.l.handed(m)
		got = append(got, m)
	}
	r.hand(w.transport(r, got))
	r.expect()
}

func (r *reader) hand(got []eventlog.Message) {
	if len(got) == 0 {
		return
	}
	w := r.l.world
	w.tell("%s: is handed %d to %d", r.l, got[0].Position, got[len(got)-1].Position)
	w.mu.Lock()
	defer w.mu.Unlock()
	r.at = append(r.at, got...)
	r.wake()
}

// fail ends the reader once what it has is taken.
func (r *reader) fail(err error) {
	w := r.l.world
	w.mu.Lock()
	defer w.mu.Unlock()
	r.err = err
	r.wake()
}

func (r *reader) wake() {
	if r.wait != nil {
		close(r.wait)
		r.wait = nil
	}
}
