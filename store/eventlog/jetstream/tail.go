package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// tailer reads the alert stream by batched direct gets (ADR-31). They need no
// consumer, and so no right to create one, which subscribers do not have.
type tailer struct {
	nc     *nats.Conn
	api    string // prefix of the JetStream API
	stream natsjs.Stream
	logger *slog.Logger
}

const (
	tailBatch  = 256
	tailAnswer = 5 * time.Second
	// After a sign of something new the stream is asked often, then less and less.
	// At the slowest it is also the time after which a missed sign does no harm.
	tailSoonest = 2 * time.Millisecond
	tailLatest  = 2 * time.Second
)

// State asks the server until it answers or ctx ends.
func (t *tailer) State(ctx context.Context) (st eventlog.State, err error) {
	err = ask(ctx, tailAnswer, func(ctx context.Context) (err error) {
		st, err = stateOf(ctx, t.stream)
		return err
	})
	return st, err
}

// Tail reads from a position, ErrBeyond after the next one.
func (t *tailer) Tail(ctx context.Context, o eventlog.TailOptions) (eventlog.Reader, error) {
	if o.Filter == "" {
		o.Filter = ">"
	}
	st, err := t.State(ctx)
	if err != nil {
		return nil, err
	}
	if o.New {
		o.From = st.Last + 1
	}
	if o.From > st.Last+1 {
		return nil, fmt.Errorf("jetstream: tail from %d of %s, which ends at %d: %w",
			o.From, AlertsStream, st.Last, eventlog.ErrBeyond)
	}
	w := &walk{tailer: t, opts: o, id: st.ID, next: max(o.From, 1), end: st.Last, signs: make(chan struct{}, 1)}
	if w.answers, err = t.nc.SubscribeSync(t.nc.NewInbox() + ".*"); err != nil {
		return nil, fmt.Errorf("jetstream: tail %s: %w", AlertsStream, err)
	}
	if o.Follow {
		if err := w.listen(); err != nil {
			w.close()
			return nil, err
		}
	}
	return startReader(w.run), nil
}

// walk is one reading of the stream.
type walk struct {
	*tailer
	opts  eventlog.TailOptions
	id    string
	next  uint64 // position wanted next
	end   uint64 // where to stop when not following
	asked int    // requests made, to tell their answers apart

	answers *nats.Subscription
	hints   []*nats.Subscription
	signs   chan struct{} // something was published
}

// listen subscribes to what is published, as a hint that there is more to get.
// What is read comes from the stream: it has the positions, and all of it.
func (w *walk) listen() error {
	subjects := []string{w.opts.Filter}
	if w.opts.Filter == ">" {
		subjects = eventlog.AlertStreamSubjects()
	}
	for _, subject := range subjects {
		sub, err := w.nc.Subscribe(subject, func(*nats.Msg) {
			select {
			case w.signs <- struct{}{}:
			default:
			}
		})
		if err != nil {
			return fmt.Errorf("jetstream: tail %s: %w", subject, err)
		}
		w.hints = append(w.hints, sub)
	}
	return nil
}

func (w *walk) close() {
	for _, sub := range append(w.hints, w.answers) {
		if err := sub.Unsubscribe(); err != nil {
			w.logger.Debug("tail was not unsubscribed", "error", err)
		}
	}
}

func (w *walk) run(ctx context.Context, r *reader) error {
	defer w.close()
	wait := tailSoonest
	for {
		before := w.next
		err := w.fetch(ctx, r)
		switch {
		case ctx.Err() != nil:
			return eventlog.ErrClosed
		case err != nil && !disconnected(err):
			return err
		case err != nil:
			w.logger.Warn("reading of the alert stream was interrupted", "next", w.next, "error", err)
			wait = tailLatest / 4
		case w.next > before:
			wait = tailSoonest
			if w.opts.Follow || w.next <= w.end {
				continue
			}
			return io.EOF
		case !w.opts.Follow:
			return io.EOF
		}
		if wait = w.rest(ctx, wait); wait == tailLatest {
			if err := w.identify(ctx); err != nil {
				return err
			}
		}
	}
}

// rest waits for a sign or for the time, and says how long to wait next.
func (w *walk) rest(ctx context.Context, wait time.Duration) time.Duration {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-w.signs:
		return tailSoonest
	case <-t.C:
		return min(2*wait, tailLatest)
	case <-ctx.Done():
		return wait
	}
}

// identify notices that the stream is another one, or lost its end.
func (w *walk) identify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tailAnswer)
	defer cancel()
	st, err := stateOf(ctx, w.stream)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		return fmt.Errorf("%w: %s is gone", eventlog.ErrRegressed, AlertsStream)
	}
	if err != nil {
		return nil //nolint:nilerr // nothing is known; the next fetch reports what is wrong
	}
	if st.ID != w.id || st.Last+1 < w.next {
		return fmt.Errorf("%w: %s ends at %d (%s), read up to %d of %s",
			eventlog.ErrRegressed, AlertsStream, st.Last, st.ID, w.next-1, w.id)
	}
	return nil
}

// fetch asks for one batch and hands it on.
func (w *walk) fetch(ctx context.Context, r *reader) error {
	body, err := json.Marshal(getRequest{Seq: w.next, NextOn: w.opts.Filter, Batch: tailBatch, MaxBytes: 4 << 20})
	if err != nil {
		return fmt.Errorf("jetstream: tail request: %w", err)
	}
	w.asked++
	reply := w.answers.Subject[:len(w.answers.Subject)-1] + strconv.Itoa(w.asked)
	if err := w.nc.PublishRequest(w.api+".DIRECT.GET."+AlertsStream, reply, body); err != nil {
		return fmt.Errorf("jetstream: tail from %d: %w", w.next, err)
	}
	for {
		m, err := w.answer(ctx, reply)
		if err != nil {
			return fmt.Errorf("jetstream: tail from %d: %w", w.next, err)
		}
		switch status := m.Header.Get("Status"); status {
		case "204", "404":
			return nil
		case "":
		case "503":
			return fmt.Errorf("jetstream: tail from %d: %w", w.next, nats.ErrNoResponders)
		default:
			return fmt.Errorf("jetstream: tail from %d: answer %s %s", w.next, status, m.Header.Get("Description"))
		}
		msg, err := directMessage(m)
		if err != nil {
			return err
		}
		if msg.Position < w.next {
			continue // of an earlier request that was given up
		}
		if !w.opts.Follow && msg.Position > w.end {
			w.next = msg.Position
			return nil
		}
		if !r.put(ctx, msg) {
			return eventlog.ErrClosed
		}
		w.next = msg.Position + 1
	}
}

// answer waits for the next message on a request's own reply subject.
func (w *walk) answer(ctx context.Context, reply string) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, tailAnswer)
	defer cancel()
	for {
		m, err := w.answers.NextMsgWithContext(ctx)
		if err != nil || m.Subject == reply {
			return m, err
		}
	}
}

// directMessage reads what the answer to a direct get carries in headers.
func directMessage(m *nats.Msg) (eventlog.Message, error) {
	seq, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: answer to a direct get: sequence: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("jetstream: answer to a direct get: time: %w", err)
	}
	subject := m.Header.Get("Nats-Subject")
	return eventlog.Message{
		Position: seq, Subject: subject, Header: ownHeader(m.Header), Body: m.Data, Time: at.UTC(),
	}, nil
}
