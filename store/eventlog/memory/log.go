package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// Options describe a log. The zero value is unlimited.
type Options struct {
	ID    string           // of the first incarnation; "memory@1" by default
	Limit uint64           // in bytes; source events are refused at 90 %
	Now   func() time.Time // for Message.Time; nil gives the zero time
	// MaxAge is what State says; messages leave by Forget only.
	MaxAge time.Duration
}

// Log is an eventlog.Log in a slice.
type Log struct {
	opts Options
	s    *stream
	ids  map[string]bool // message ids seen, for ever: a window without an end
	born int
}

// New makes an empty log.
func New(o Options) *Log {
	if o.ID == "" {
		o.ID = "memory@1"
	}
	return &Log{opts: o, s: newStream(o.ID, o.Now, literal), ids: map[string]bool{}, born: 1}
}

// Load makes a log of archived messages. Their positions must grow; where they
// jump there is a hole, as in the log that they come from.
func Load(o Options, messages []eventlog.Message) (*Log, error) {
	l := New(o)
	for _, m := range messages {
		if m.Position <= l.s.last {
			return nil, fmt.Errorf("memory: position %d comes after %d", m.Position, l.s.last)
		}
		l.s.insert(m)
	}
	return l, nil
}

// State describes the log.
func (l *Log) State(ctx context.Context) (eventlog.State, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	st := l.s.state(l.opts.Limit)
	st.MaxAge = l.opts.MaxAge
	return st, ctx.Err()
}

// At reads one message.
func (l *Log) At(ctx context.Context, position uint64) (eventlog.Message, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Message{}, err
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	i := l.s.from(position)
	if i == len(l.s.messages) || l.s.messages[i].Position != position {
		return eventlog.Message{}, eventlog.ErrNoMessage
	}
	return l.s.messages[i], nil
}

// Read starts at a position.
func (l *Log) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	return l.s.read(ctx, eventlog.TailOptions{From: from, Follow: true})
}

// Append adds the entries, all or none.
func (l *Log) Append(ctx context.Context, entries []eventlog.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	size, source := uint64(0), false
	for _, e := range entries {
		if err := eventlog.CheckEntry(e, eventlog.LogSubjects()); err != nil {
			return err
		}
		size += sizeOf(e)
		source = source || eventlog.FromSource(e.Subject)
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if source && l.opts.Limit > 0 && l.s.bytes+size > l.opts.Limit/100*90 || l.over(size) {
		return fmt.Errorf("memory: append of %d entries: %w", len(entries), eventlog.ErrFull)
	}
	for _, e := range entries {
		if e.MsgID != "" && l.ids[e.MsgID] {
			continue
		}
		if e.MsgID != "" {
			l.ids[e.MsgID] = true
		}
		l.s.add(e)
	}
	return nil
}

func (l *Log) over(size uint64) bool { return l.opts.Limit > 0 && l.s.bytes+size > l.opts.Limit }

// AppendGuarded appends if nothing came on the subject after last.
func (l *Log) AppendGuarded(ctx context.Context, e eventlog.Entry, last uint64) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := eventlog.CheckEntry(e, eventlog.LogSubjects()); err != nil {
		return 0, err
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.s.newest[e.Subject].Position != last {
		return 0, fmt.Errorf("memory: append on %s after %d: %w", e.Subject, last, eventlog.ErrConflict)
	}
	if l.over(sizeOf(e)) {
		return 0, fmt.Errorf("memory: append on %s: %w", e.Subject, eventlog.ErrFull)
	}
	return l.s.add(e), nil
}

// LastOn finds the newest message on a subject.
func (l *Log) LastOn(ctx context.Context, subject string) (uint64, error) {
	if err := eventlog.CheckSubject(subject); err != nil {
		return 0, err
	}
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.newest[subject].Position, ctx.Err()
}

// Truncate loses everything after a position, as JetStream does after a flipped
// bit: the incarnation stays and the numbers are used again.
func (l *Log) Truncate(last uint64) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.last = min(l.s.last, last)
	l.s.cuts = append(l.s.cuts, l.s.last)
	l.s.reset(l.s.messages[:l.s.from(last+1)])
}

// Forget loses everything before a position, as retention does.
func (l *Log) Forget(first uint64) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.reset(l.s.messages[l.s.from(first):])
}

// Lose takes messages out of the middle, as a damaged block does.
func (l *Log) Lose(from, to uint64) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.s.reset(slices.Concat(l.s.messages[:l.s.from(from)], l.s.messages[l.s.from(to+1):]))
}

// Recreate makes it another, empty log of the same name.
func (l *Log) Recreate() {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	l.born++
	l.s.id = l.opts.ID + "#" + strconv.Itoa(l.born)
	l.s.last = 0
	l.s.reset(nil)
	l.ids = map[string]bool{}
}

// sizeOf is an entry's weight against the limit.
func sizeOf(e eventlog.Entry) uint64 {
	n := 190 + len(e.Subject) + len(e.Body) + len(e.MsgID)
	for name, values := range e.Header {
		for _, v := range values {
			n += len(name) + len(v) + 4
		}
	}
	return uint64(n)
}

func cloneHeader(h map[string][]string) map[string][]string {
	if len(h) == 0 {
		return nil
	}
	c := maps.Clone(h)
	for name, values := range c {
		c[name] = slices.Clone(values)
	}
	return c
}
