package memory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// stream is an ordered list of messages that readers can wait on.
type stream struct {
	now func() time.Time
	key func(subject string) string // subjects with one key exclude each other

	mu       sync.Mutex
	id       string
	messages []eventlog.Message
	newest   map[string]eventlog.Message // by key
	last     uint64
	cuts     []uint64 // where the end was lost: the last position kept, each time
	bytes    uint64
	more     chan struct{} // closed and replaced at each change
}

func newStream(id string, now func() time.Time, key func(string) string) *stream {
	return &stream{id: id, now: now, key: key, newest: map[string]eventlog.Message{}, more: make(chan struct{})}
}

func literal(subject string) string { return subject }

func (s *stream) state(limit uint64) eventlog.State {
	st := eventlog.State{ID: s.id, First: s.last + 1, Last: s.last, Bytes: s.bytes, Limit: limit}
	if len(s.messages) > 0 {
		st.First = s.messages[0].Position
	}
	return st
}

func (s *stream) changed() {
	close(s.more)
	s.more = make(chan struct{})
}

// add copies what the caller may change later.
func (s *stream) add(e eventlog.Entry) uint64 {
	m := eventlog.Message{
		Position: s.last + 1, Subject: e.Subject,
		Header: cloneHeader(e.Header), Body: slices.Clone(e.Body),
	}
	if s.now != nil {
		m.Time = s.now().UTC()
	}
	s.insert(m)
	return m.Position
}

func (s *stream) insert(m eventlog.Message) {
	s.keep(m)
	s.last = m.Position
	s.changed()
}

// from is the index of the first message at or after a position.
func (s *stream) from(position uint64) int {
	return sort.Search(len(s.messages), func(i int) bool { return s.messages[i].Position >= position })
}

// reset replaces all messages; last stays, since positions are not given out twice
// unless a test says so.
func (s *stream) reset(messages []eventlog.Message) {
	s.messages, s.newest, s.bytes = nil, map[string]eventlog.Message{}, 0
	for _, m := range messages {
		s.keep(m)
	}
	s.changed()
}

func (s *stream) keep(m eventlog.Message) {
	s.messages = append(s.messages, m)
	s.newest[s.key(m.Subject)] = m
	s.bytes += sizeOf(eventlog.Entry{Subject: m.Subject, Header: m.Header, Body: m.Body})
}

func (s *stream) read(ctx context.Context, o eventlog.TailOptions) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.New {
		o.From = s.last + 1
	}
	if o.From > s.last+1 {
		return nil, fmt.Errorf("memory: read from %d of %s, which ends at %d: %w",
			o.From, s.id, s.last, eventlog.ErrBeyond)
	}
	if o.Filter == "" {
		o.Filter = ">"
	}
	return &reader{
		s: s, id: s.id, opts: o, next: max(o.From, 1), end: s.last, cuts: len(s.cuts), closed: make(chan struct{}),
	}, nil
}

// reader is a place in a stream.
type reader struct {
	s    *stream
	id   string
	opts eventlog.TailOptions
	next uint64
	end  uint64
	cuts int // how many of the stream's it knows of

	once   sync.Once
	closed chan struct{}
}

func (r *reader) Next(ctx context.Context) (eventlog.Message, error) {
	for {
		if ctx.Err() != nil {
			return eventlog.Message{}, context.Cause(ctx)
		}
		m, ok, more, err := r.take()
		if ok || err != nil {
			return m, err
		}
		select {
		case <-more:
		case <-r.closed:
		case <-ctx.Done():
		}
	}
}

func (r *reader) TryNext() (eventlog.Message, bool, error) {
	m, ok, _, err := r.take()
	return m, ok, err
}

// take returns the next message, or the channel that says when to look again.
func (r *reader) take() (m eventlog.Message, ok bool, more <-chan struct{}, err error) {
	select {
	case <-r.closed:
		return m, false, nil, eventlog.ErrClosed
	default:
	}
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	end := r.s.last
	for ; r.cuts < len(r.s.cuts); r.cuts++ {
		end = min(end, r.s.cuts[r.cuts]) // what comes after it is not what was read
	}
	if r.s.id != r.id || end+1 < r.next {
		return m, false, nil, fmt.Errorf("%w: %s ended at %d, read up to %d of %s",
			eventlog.ErrRegressed, r.s.id, end, r.next-1, r.id)
	}
	for _, m := range r.s.messages[r.s.from(r.next):] {
		if !r.opts.Follow && m.Position > r.end {
			break
		}
		r.next = m.Position + 1
		if eventlog.Matches(r.opts.Filter, m.Subject) {
			return m, true, nil, nil
		}
	}
	if !r.opts.Follow {
		return m, false, nil, io.EOF
	}
	return m, false, r.s.more, nil
}

func (r *reader) Close() error {
	r.once.Do(func() { close(r.closed) })
	return nil
}
