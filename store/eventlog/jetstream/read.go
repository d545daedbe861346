package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

const (
	pullMessages = 2000
	pullBytes    = 16 << 20
)

// Read verifies that the position is one the log has or will have next, since the
// server would accept any and deliver nothing.
func (l *log) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	st, err := l.State(ctx)
	if err != nil {
		return nil, err
	}
	if from > st.Last+1 {
		return nil, fmt.Errorf("jetstream: read from %d of %s, which ends at %d: %w",
			from, EventsStream, st.Last, eventlog.ErrBeyond)
	}
	f := &follower{log: l, id: st.ID, next: max(from, 1)}
	return startReader(f.run), nil
}

// follower reads one incarnation of the stream in order, through one ephemeral
// consumer after another. The server keeps no acknowledgement: the position is the
// reader's.
type follower struct {
	log  *log
	id   string
	next uint64           // position wanted next
	last eventlog.Message // delivered last; the zero Message before the first
}

// maxStalls is how many consumers in a row may deliver nothing although the stream
// goes on: a server that has lost the end of a file acknowledges what is appended
// behind it, and delivers none of it until it is started again.
const maxStalls = 12

// stalled is why a consumer was given up: the stream goes on, and nothing came.
type stalled struct {
	next, last uint64
	within     time.Duration
}

func (e *stalled) Error() string {
	return fmt.Sprintf("jetstream: nothing came for %s, %s ends at %d", e.within, EventsStream, e.last)
}

// run makes a consumer, follows it until it stalls or breaks, and makes the next.
// It ends when the reader is closed, the log is another one, or the server does not
// deliver what it says that it has.
func (f *follower) run(ctx context.Context, r *reader) error {
	return f.insist(ctx, func() error { return f.follow(ctx, r) })
}

// insist follows again and again.
func (f *follower) insist(ctx context.Context, follow func() error) error {
	stalls := 0
	for n := 0; ; n++ {
		before := f.next
		err := follow()
		if ctx.Err() != nil {
			return eventlog.ErrClosed
		}
		if errors.Is(err, eventlog.ErrRegressed) {
			return err
		}
		if f.next > before {
			n, stalls = 0, 0
		}
		if stall := (*stalled)(nil); errors.As(err, &stall) {
			if stalls++; stalls >= maxStalls {
				return fmt.Errorf("jetstream: the server delivers nothing from %d on, in %d tries, though %s ends at %d: restart it, and if that does not help restore a backup: %w",
					stall.next, stalls, EventsStream, stall.last, err)
			}
		}
		f.log.pub.logger.Warn("reading of the event stream was interrupted", "next", f.next, "error", err)
		if !pause(ctx, n) {
			return eventlog.ErrClosed
		}
	}
}

// identify makes sure that the stream is still the one, and still reaches to where
// the reader is: numbers may have been used again.
func (f *follower) identify(ctx context.Context) (last uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.log.pub.ackWait)
	defer cancel()
	st, err := f.log.State(ctx)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		return 0, fmt.Errorf("%w: %s is gone", eventlog.ErrRegressed, EventsStream)
	}
	if err != nil {
		return 0, err
	}
	if st.ID != f.id {
		return 0, fmt.Errorf("%w: it was %s, now %s", eventlog.ErrRegressed, f.id, st.ID)
	}
	if st.Last+1 < f.next {
		return 0, fmt.Errorf("%w: %s ends at %d, read up to %d", eventlog.ErrRegressed, EventsStream, st.Last, f.next-1)
	}
	return st.Last, f.recognise(ctx, st)
}

// recognise makes sure that the message delivered last is still the one at its
// position: a stream that lost its end and has grown again is as long as before,
// and what took the old numbers would never be delivered.
func (f *follower) recognise(ctx context.Context, st eventlog.State) error {
	if f.last.Position < st.First {
		return nil // nothing yet, or retention took it
	}
	m, err := f.log.At(ctx, f.last.Position)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return fmt.Errorf("%w: %d, which was read last, is gone from %s", eventlog.ErrRegressed, f.last.Position, EventsStream)
	}
	if err != nil {
		return err
	}
	if !m.Time.Equal(f.last.Time) || m.Subject != f.last.Subject || !bytes.Equal(m.Body, f.last.Body) {
		return fmt.Errorf("%w: at %d, which was read last, %s has another message", eventlog.ErrRegressed, m.Position, EventsStream)
	}
	return nil
}

// follow lives as long as one consumer.
func (f *follower) follow(ctx context.Context, r *reader) error {
	if _, err := f.identify(ctx); err != nil {
		return err
	}
	try, cancel := context.WithTimeout(ctx, f.log.pub.ackWait)
	defer cancel()
	consumer, err := f.log.stream.CreateConsumer(try, natsjs.ConsumerConfig{
		DeliverPolicy:     natsjs.DeliverByStartSequencePolicy,
		OptStartSeq:       f.next,
		AckPolicy:         natsjs.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: time.Minute,
	})
	if err != nil {
		return fmt.Errorf("jetstream: consumer on %s from %d: %w", EventsStream, f.next, err)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	s := newSession(ctx, r, f.next)
	back := f.log.pub.nc.StatusChanged(nats.CONNECTED)
	defer f.log.pub.nc.RemoveStatusListener(back)
	run, err := consumer.Consume(s.take,
		natsjs.PullMaxMessagesWithBytesLimit(pullMessages, pullBytes),
		natsjs.PullHeartbeat(time.Second), natsjs.PullExpiry(30*time.Second),
		natsjs.ConsumeErrHandler(s.fail))
	if err != nil {
		return fmt.Errorf("jetstream: consume %s from %d: %w", EventsStream, f.next, err)
	}
	err = f.watch(ctx, s, back)
	end() // frees take, should it wait for the caller
	run.Stop()
	<-run.Closed()
	f.next = s.position()
	if m := s.last.Load(); m != nil {
		f.last = *m
	}
	f.drop(consumer)
	return err
}

// drop removes the consumer early; the server forgets it after a minute anyhow.
func (f *follower) drop(c natsjs.Consumer) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := f.log.stream.DeleteConsumer(ctx, c.CachedInfo().Name); err != nil {
		f.log.pub.logger.Debug("consumer was not removed", "error", err)
	}
}

// watch returns when the session broke, or when the stream has more and nothing
// came for a whole stall period. The client library treats even a deleted consumer
// as something that may heal.
func (f *follower) watch(ctx context.Context, s *session, back <-chan nats.Status) error {
	t := time.NewTicker(f.log.stall)
	defer t.Stop()
	seen := s.position()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.broken:
			return err
		case <-back:
			// What was under way to us is lost, and nothing would tell.
			return errors.New("jetstream: the connection is back after a loss")
		case <-t.C:
		}
		if now := s.position(); now != seen || s.waiting() {
			seen = now
			continue
		}
		f.next = s.position()
		last, err := f.identify(ctx)
		if err != nil {
			return err
		}
		if last >= f.next && f.next == s.position() {
			return &stalled{f.next, last, f.log.stall}
		}
	}
}

// session is what one consumer delivered.
type session struct {
	ctx    context.Context // ends with the session
	reader *reader
	broken chan error
	over   atomic.Bool

	next     uint64 // the callback's; others read at
	consumed uint64 // consumer sequence of the last message
	last     atomic.Pointer[eventlog.Message]
	at       atomic.Uint64
	blocked  atomic.Bool
}

func newSession(ctx context.Context, r *reader, next uint64) *session {
	s := &session{ctx: ctx, reader: r, next: next, broken: make(chan error, 1)}
	s.at.Store(next)
	return s
}

// position is the next one wanted.
func (s *session) position() uint64 { return s.at.Load() }

// waiting: the caller has not yet taken what is here, so that silence is its own.
func (s *session) waiting() bool { return s.blocked.Load() }

// breakOff ends the session; only the first reason counts.
func (s *session) breakOff(err error) {
	s.over.Store(true)
	select {
	case s.broken <- err:
	default:
	}
}

// take is called by the client library for each message, one at a time. Consumer
// sequences without a gap prove that nothing was lost on the way; the stream's own
// may have holes, which is the caller's to judge.
func (s *session) take(m natsjs.Msg) {
	if s.over.Load() {
		return
	}
	md, err := m.Metadata()
	if err != nil {
		s.breakOff(fmt.Errorf("jetstream: message on %s without metadata: %w", m.Subject(), err))
		return
	}
	if md.Sequence.Consumer != s.consumed+1 || md.Sequence.Stream < s.next {
		s.breakOff(fmt.Errorf("jetstream: %s delivered %d as its message %d, wanted %d from %d on",
			EventsStream, md.Sequence.Stream, md.Sequence.Consumer, s.consumed+1, s.next))
		return
	}
	s.blocked.Store(true)
	msg := eventlog.Message{
		Position: md.Sequence.Stream,
		Subject:  m.Subject(),
		Header:   ownHeader(m.Headers()),
		Body:     m.Data(),
		Time:     md.Timestamp.UTC(),
	}
	ok := s.reader.put(s.ctx, msg)
	s.blocked.Store(false)
	if !ok {
		s.breakOff(eventlog.ErrClosed)
		return
	}
	s.last.Store(&msg)
	s.consumed = md.Sequence.Consumer
	s.next = md.Sequence.Stream + 1
	s.at.Store(s.next)
}

// fail gets what the library noticed. What it heals by itself is left to it and to
// the watch.
func (s *session) fail(_ natsjs.ConsumeContext, err error) {
	if errors.Is(err, natsjs.ErrConsumerDeleted) || errors.Is(err, natsjs.ErrConsumerNotFound) ||
		errors.Is(err, natsjs.ErrNoHeartbeat) {
		s.breakOff(err)
	}
}
