package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

const (
	// coldTick is the time between two ticks that are made up. It is below what the
	// correlator takes for downtime.
	coldTick = 4 * time.Second
	// coldRest is how long time goes on after the last event, so that what was due
	// with it is told. What became due later is not: nobody knows what was said then.
	coldRest = 5 * time.Minute
	coldID   = "events@cold"
)

// ColdLog is a log made of plain events: in order of when they were recorded, or
// else happened, with ticks between them. The ticks are made as they are read.
type ColdLog struct {
	events []coldEvent
	end    time.Time // of the last tick
	last   uint64
}

// coldEvent is an event with its position.
type coldEvent struct {
	ev       events.Event
	at       time.Time
	position uint64
}

// NewColdLog orders the events; equal times keep the order in which they are given.
func NewColdLog(said []events.Event) (*ColdLog, error) {
	if len(said) == 0 {
		return nil, errors.New("there is no event to make a log of")
	}
	l := &ColdLog{}
	for _, ev := range said {
		if !ev.Type.FromSource() && ev.Type.Class() != "policy" && ev.Type.Class() != "operator" {
			return nil, fmt.Errorf("event %s of %s: %s is what a log has of its own, and is made anew", ev.ID, ev.Source, ev.Type.Short())
		}
		at := ev.Recorded
		if at.IsZero() {
			at = ev.Time
		}
		l.events = append(l.events, coldEvent{ev: ev, at: at})
	}
	slices.SortStableFunc(l.events, func(a, b coldEvent) int { return a.at.Compare(b.at) })
	position, now := uint64(1), l.events[0].at // the first tick
	for i := range l.events {
		e := &l.events[i]
		position += ticksFor(e.at.Sub(now)) + 1
		e.position, now = position, e.at
	}
	l.end = now.Add(coldRest)
	l.last = position + ticksFor(coldRest)
	return l, nil
}

// ticksFor is how many ticks pass a time.
func ticksFor(d time.Duration) uint64 { return uint64((d + coldTick - 1) / coldTick) }

// State implements eventlog.Log.
func (l *ColdLog) State(ctx context.Context) (eventlog.State, error) {
	return eventlog.State{ID: coldID, First: 1, Last: l.last}, ctx.Err()
}

// At makes one message.
func (l *ColdLog) At(_ context.Context, position uint64) (eventlog.Message, error) {
	if position == 0 || position > l.last {
		return eventlog.Message{}, eventlog.ErrNoMessage
	}
	i := sort.Search(len(l.events), func(i int) bool { return l.events[i].position >= position })
	if i < len(l.events) && l.events[i].position == position {
		return coldMessage(l.events[i].ev, l.events[i].at, position)
	}
	before, since, until := uint64(1), l.events[0].at, l.end
	if i > 0 {
		before, since = l.events[i-1].position, l.events[i-1].at
	}
	if i < len(l.events) {
		until = l.events[i].at
	}
	at := since.Add(time.Duration(position-before) * coldTick)
	if at.After(until) {
		at = until
	}
	ev, err := events.New(events.ClockTick, "overstay://review", fmt.Sprint("tick-", position), at, "",
		&events.Tick{Wall: at, Boot: "cold", Monotonic: events.Duration(at.Sub(l.events[0].at))})
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("make the tick at position %d: %w", position, err)
	}
	return coldMessage(ev, at, position)
}

func coldMessage(ev events.Event, at time.Time, position uint64) (eventlog.Message, error) {
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		return eventlog.Message{}, fmt.Errorf("encode event %s of %s: %w", ev.ID, ev.Source, err)
	}
	return eventlog.Message{Position: position, Subject: events.SubjectOf(ev), Header: header, Body: body, Time: at}, nil
}

// Read implements eventlog.Log.
func (l *ColdLog) Read(_ context.Context, from uint64) (eventlog.Reader, error) {
	if from > l.last+1 {
		return nil, eventlog.ErrBeyond
	}
	return &coldReader{l, max(from, 1)}, nil
}

// Append refuses: what is past is past.
func (l *ColdLog) Append(context.Context, []eventlog.Entry) error { return errReadOnly }

// AppendGuarded refuses.
func (l *ColdLog) AppendGuarded(context.Context, eventlog.Entry, uint64) (uint64, error) {
	return 0, errReadOnly
}

// LastOn finds the newest event on a subject; of the ticks, the last.
func (l *ColdLog) LastOn(_ context.Context, subject string) (uint64, error) {
	if subject == events.SubjectTick {
		return l.last, nil
	}
	for _, e := range slices.Backward(l.events) {
		if events.SubjectOf(e.ev) == subject {
			return e.position, nil
		}
	}
	return 0, nil
}

// coldReader makes one message after the other; at the end it waits to be ended.
type coldReader struct {
	log  *ColdLog
	next uint64
}

func (r *coldReader) Next(ctx context.Context) (eventlog.Message, error) {
	m, ok, err := r.TryNext()
	if ok || err != nil {
		return m, cmp.Or(err, ctx.Err())
	}
	<-ctx.Done()
	return m, ctx.Err()
}

func (r *coldReader) TryNext() (eventlog.Message, bool, error) {
	if r.next > r.log.last {
		return eventlog.Message{}, false, nil
	}
	m, err := r.log.At(context.Background(), r.next)
	r.next++
	return m, err == nil, err
}

func (r *coldReader) Close() error { return nil }
