package review

import (
	"context"
	"fmt"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// alteredLog is a past as it was not: the same log with messages that arrived before a
// position. What came from there on stands so many positions later.
//
// An event that came in late is put in as a copy where it might have arrived, without
// its source's numbering, and stays where it is as well: read a second time it says
// nothing new, and no hole opens in the numbers.
type alteredLog struct {
	eventlog.Log
	at    uint64
	extra []eventlog.Message
}

// alter puts events in before a position, which is not before what has been read.
func alter(log eventlog.Log, at uint64, taken time.Time, said []events.Event) (*alteredLog, error) {
	l := &alteredLog{Log: log, at: at}
	for i, ev := range said {
		ev.Sequence = events.Sequence{}
		header, body, err := events.EncodeNATS(ev)
		if err != nil {
			return nil, fmt.Errorf("suppose event %s of %s at position %d: %w", ev.ID, ev.Source, at, err)
		}
		l.extra = append(l.extra, eventlog.Message{Position: at + uint64(i), Subject: events.SubjectOf(ev), Header: header, Body: body, Time: taken})
	}
	return l, nil
}

func (l *alteredLog) shift() uint64 { return uint64(len(l.extra)) }

// here is where a message of the real log stands in this one.
func (l *alteredLog) here(position uint64) uint64 {
	if position >= l.at {
		position += l.shift()
	}
	return position
}

// State implements eventlog.Log.
func (l *alteredLog) State(ctx context.Context) (eventlog.State, error) {
	st, err := l.Log.State(ctx)
	st.Last += l.shift()
	return st, err
}

// At implements eventlog.Log.
func (l *alteredLog) At(ctx context.Context, position uint64) (eventlog.Message, error) {
	switch {
	case position < l.at:
		return l.Log.At(ctx, position)
	case position < l.at+l.shift():
		return l.extra[position-l.at], nil
	}
	m, err := l.Log.At(ctx, position-l.shift())
	m.Position = position
	return m, err
}

// LastOn implements eventlog.Log; what is put in is not looked for.
func (l *alteredLog) LastOn(ctx context.Context, subject string) (uint64, error) {
	p, err := l.Log.LastOn(ctx, subject)
	return l.here(p), err
}

// Read implements eventlog.Log.
func (l *alteredLog) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r := &alteredReader{log: l}
	switch {
	case from >= l.at+l.shift():
		r.given, from = len(l.extra), from-l.shift()
	case from > l.at:
		r.given, from = int(from-l.at), l.at
	}
	var err error
	r.Reader, err = l.Log.Read(ctx, from)
	return r, err
}

// alteredReader hands out what was put in when its place has come.
type alteredReader struct {
	eventlog.Reader
	log   *alteredLog
	given int
	next  *eventlog.Message // read, and not handed out
}

func (r *alteredReader) Next(ctx context.Context) (eventlog.Message, error) {
	for {
		if m, ok := r.ready(); ok {
			return m, nil
		}
		m, err := r.Reader.Next(ctx)
		if err != nil {
			return m, err
		}
		r.next = &m
	}
}

func (r *alteredReader) TryNext() (eventlog.Message, bool, error) {
	if m, ok := r.ready(); ok {
		return m, true, nil
	}
	m, ok, err := r.Reader.TryNext()
	if !ok || err != nil {
		return m, false, err
	}
	r.next = &m
	first, ok := r.ready()
	return first, ok, nil
}

// ready is what comes next of what is at hand.
func (r *alteredReader) ready() (eventlog.Message, bool) {
	if r.next == nil {
		return eventlog.Message{}, false
	}
	if r.next.Position >= r.log.at && r.given < len(r.log.extra) {
		r.given++
		return r.log.extra[r.given-1], true
	}
	m := *r.next
	r.next = nil
	m.Position = r.log.here(m.Position)
	return m, true
}
