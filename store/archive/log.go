package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"

	"github.com/overstay/overstay/store/eventlog"
)

// ErrReadOnly is what an append to an archive gives.
var ErrReadOnly = errors.New("archive: what is past is not written to")

// pastLog is the archive's range of the log.
type pastLog struct {
	a *Archive

	mu    sync.Mutex
	at    int // segment that is unpacked
	batch []eventlog.Message
}

// Log is the archived range as a log that nobody can write to.
func (a *Archive) Log() eventlog.Log { return &pastLog{a: a, at: -1} }

// State says which range there is. Lost names what cannot be read.
func (l *pastLog) State(ctx context.Context) (eventlog.State, error) {
	st := eventlog.State{ID: l.a.header.LogID, First: l.a.header.From, Last: l.a.header.To}
	if segs := l.a.segments[kindLog]; len(segs) > 0 {
		st.First, st.Last = segs[0].From, segs[len(segs)-1].To
	}
	if len(l.a.missing) > 0 {
		st.Lost = fmt.Sprintf("%d parts of the archive cannot be read, the first at byte %d: %s", len(l.a.missing), l.a.missing[0].Offset, l.a.missing[0])
	}
	return st, ctx.Err()
}

// segmentFor is the first segment that ends at a position or after it.
func (l *pastLog) segmentFor(position uint64) int {
	segs := l.a.segments[kindLog]
	return sort.Search(len(segs), func(i int) bool { return segs[i].To >= position })
}

// At reads one message.
func (l *pastLog) At(ctx context.Context, position uint64) (eventlog.Message, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Message{}, err
	}
	i := l.segmentFor(position)
	if position == 0 || i == len(l.a.segments[kindLog]) || l.a.segments[kindLog][i].From > position {
		return eventlog.Message{}, eventlog.ErrNoMessage
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at != i {
		batch, err := l.a.messages(kindLog, l.a.segments[kindLog][i])
		if err != nil {
			return eventlog.Message{}, err
		}
		l.at, l.batch = i, batch
	}
	j := sort.Search(len(l.batch), func(j int) bool { return l.batch[j].Position >= position })
	if j == len(l.batch) || l.batch[j].Position != position {
		return eventlog.Message{}, eventlog.ErrNoMessage
	}
	return l.batch[j], nil
}

// LastOn knows the newest message on each subject that is not a source's.
func (l *pastLog) LastOn(ctx context.Context, subject string) (uint64, error) {
	if err := eventlog.CheckSubject(subject); err != nil {
		return 0, err
	}
	if !l.a.sum.End || eventlog.FromSource(subject) {
		return l.search(ctx, subject)
	}
	return l.a.sum.Latest[subject], ctx.Err()
}

// search reads the log backwards.
func (l *pastLog) search(ctx context.Context, subject string) (uint64, error) {
	segs := l.a.segments[kindLog]
	for i := len(segs) - 1; i >= 0 && ctx.Err() == nil; i-- {
		batch, err := l.a.messages(kindLog, segs[i])
		if err != nil {
			return 0, err
		}
		for j := len(batch) - 1; j >= 0; j-- {
			if batch[j].Subject == subject {
				return batch[j].Position, nil
			}
		}
	}
	return 0, ctx.Err()
}

// Append refuses.
func (l *pastLog) Append(context.Context, []eventlog.Entry) error { return ErrReadOnly }

// AppendGuarded refuses.
func (l *pastLog) AppendGuarded(context.Context, eventlog.Entry, uint64) (uint64, error) {
	return 0, ErrReadOnly
}

// Read reads on from a position. At the end of the range Next waits, as at the end
// of a log that goes on.
func (l *pastLog) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	st, err := l.State(ctx)
	if err != nil {
		return nil, err
	}
	if from > st.Last+1 {
		return nil, fmt.Errorf("archive: read from %d, and it ends at %d: %w", from, st.Last, eventlog.ErrBeyond)
	}
	return l.a.read(kindLog, l.segmentFor(from), from, "", true), nil
}

// messages unpacks a segment.
func (a *Archive) messages(kind byte, s Segment) ([]eventlog.Message, error) {
	plain, err := a.plain(s.Section, s.Offset)
	if err != nil {
		return nil, err
	}
	out := make([]eventlog.Message, 0, s.Lines)
	for text := range bytes.Lines(plain) {
		m, err := readLine(text, kind)
		if err != nil {
			return nil, fmt.Errorf("archive %s, segment %d: %w", a.path, s.Section, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// told is the archived part of the alert stream.
type told struct{ a *Archive }

// Alerts are what was told from the archived range.
func (a *Archive) Alerts() eventlog.AlertsReader { return told{a} }

func (t told) State(ctx context.Context) (eventlog.State, error) {
	st := eventlog.State{ID: "alerts of " + t.a.header.LogID, First: 1}
	if segs := t.a.segments[kindAlerts]; len(segs) > 0 {
		st.First, st.Last = segs[0].From, segs[len(segs)-1].To
	}
	return st, ctx.Err()
}

// Tail reads them back; with Follow it waits at the end, where nothing comes.
func (t told) Tail(ctx context.Context, o eventlog.TailOptions) (eventlog.Reader, error) {
	st, err := t.State(ctx)
	if err != nil {
		return nil, err
	}
	if o.New {
		o.From = st.Last + 1
	}
	segs := t.a.segments[kindAlerts]
	first := sort.Search(len(segs), func(i int) bool { return segs[i].To >= o.From })
	return t.a.read(kindAlerts, first, o.From, o.Filter, o.Follow), nil
}

// reader hands out messages that a goroutine unpacks, a segment or two ahead.
type reader struct {
	batches chan []eventlog.Message
	err     error // set before batches is closed
	batch   []eventlog.Message
	waits   bool
	cancel  context.CancelFunc
}

func (a *Archive) read(kind byte, segment int, from uint64, filter string, waits bool) *reader {
	ctx, cancel := context.WithCancel(context.Background())
	r := &reader{batches: make(chan []eventlog.Message, 1), waits: waits, cancel: cancel}
	go func() {
		defer close(r.batches)
		for _, s := range a.segments[kind][segment:] {
			batch, err := a.messages(kind, s)
			if err != nil {
				r.err = err
				return
			}
			kept := batch[:0]
			for _, m := range batch {
				if m.Position >= from && (filter == "" || eventlog.Matches(filter, m.Subject)) {
					kept = append(kept, m)
				}
			}
			select {
			case r.batches <- kept:
			case <-ctx.Done():
				return
			}
		}
	}()
	return r
}

func (r *reader) Next(ctx context.Context) (eventlog.Message, error) {
	for len(r.batch) == 0 {
		select {
		case batch, ok := <-r.batches:
			if ok {
				r.batch = batch
				continue
			}
			if r.err != nil {
				return eventlog.Message{}, r.err
			}
			if !r.waits {
				return eventlog.Message{}, io.EOF
			}
			<-ctx.Done()
			return eventlog.Message{}, context.Cause(ctx)
		case <-ctx.Done():
			return eventlog.Message{}, context.Cause(ctx)
		}
	}
	return r.first(), ctx.Err()
}

func (r *reader) first() eventlog.Message {
	m := r.batch[0]
	r.batch = r.batch[1:]
	return m
}

// TryNext hands out what is unpacked.
func (r *reader) TryNext() (eventlog.Message, bool, error) {
	for len(r.batch) == 0 {
		select {
		case batch, ok := <-r.batches:
			if !ok {
				return eventlog.Message{}, false, r.err
			}
			r.batch = batch
		default:
			return eventlog.Message{}, false, nil
		}
	}
	return r.first(), true, nil
}

// Close ends the goroutine.
func (r *reader) Close() error {
	r.cancel()
	for range r.batches { //nolint:revive // drained so that the goroutine ends
	}
	return nil
}
