package sim

import (
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// record is one record of a real system, and when its connector comes to read it.
type record struct {
	read  time.Duration
	event events.Event
}

// source is a connector: it reads records, numbers them, sends them, and moves its
// cursor when the log has acknowledged them. What was not acknowledged is sent
// again, with the same numbers.
type source struct {
	world   *World
	uri     string
	records []record
	cursor  int // records before it are acknowledged
	epoch   uint64
	planned bool
	most    int // records it sends at once
	// quiet: it can reach nothing before.
	quiet time.Duration
	// delayed: something kept it from sending in time.
	delayed bool
}

// acked is an event that the log has acknowledged to its source.
type acked struct {
	source, id string
	number     events.Sequence
}

// wake plans the next reading.
func (s *source) wake() {
	if s.planned || s.cursor == len(s.records) {
		return
	}
	s.planned = true
	at := max(s.records[s.cursor].read, s.quiet)
	s.world.plan(max(at-s.world.now, 0)+s.world.between(0, 20*time.Millisecond), nil, func() {
		s.planned = false
		s.send()
	})
}

// send sends what has come since the cursor.
func (s *source) send() {
	w := s.world
	if s.quiet > w.now {
		s.wake()
		return
	}
	n := s.cursor
	for n < len(s.records) && s.records[n].read <= w.now && n-s.cursor < s.most {
		n++
	}
	if n == s.cursor {
		s.wake()
		return
	}
	entries, marks := s.number(s.cursor, n)
	heard := w.ingest(s, entries)
	if w.seams.Hasty {
		heard = ingestStored
	}
	switch heard {
	case ingestStored:
		w.acked = append(w.acked, marks...)
		s.cursor = n
		s.wake()
	default: // nobody knows, or not now
		s.delayed = true
		s.retry(w.between(100*time.Millisecond, time.Second))
	}
}

func (s *source) retry(after time.Duration) {
	if s.planned {
		return
	}
	s.planned = true
	s.world.plan(after, nil, func() {
		s.planned = false
		s.send()
	})
}

// number makes the entries of records, as the gateway does.
func (s *source) number(from, to int) (entries []eventlog.Entry, marks []acked) {
	for i, r := range s.records[from:to] {
		ev := r.event
		ev.Sequence = events.Sequence{Epoch: s.epoch, Counter: uint64(from + i + 1)}
		if p, ok := ev.Data.(*events.Progress); ok {
			c := *p
			c.Sequence = ev.Sequence.Counter
			ev.Data = &c
		}
		entries = append(entries, s.world.entry(ev, engine.MessageID(s.uri, ev)))
		marks = append(marks, acked{ev.Source, ev.ID, ev.Sequence})
	}
	return entries, marks
}

// entry makes the log's form of an event.
func (w *World) entry(ev events.Event, id string) eventlog.Entry {
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		w.violate("an event of the workload cannot be written: %v", err)
	}
	return eventlog.Entry{Subject: events.SubjectOf(ev), Header: header, Body: body, MsgID: w.seams.messageID(id, ev)}
}

// outcome is what a source hears of what it sent.
type outcome int

const (
	ingestStored outcome = iota
	ingestFailed         // an error: any of it may be there
)

// ingest brings entries into the log over a network that may lose, repeat and
// delay.
func (w *World) ingest(s *source, entries []eventlog.Entry) outcome {
	tell := func(what string, err error) {
		w.tell("%s: sends %d: %s (%v)", s.uri, len(entries), what, err)
	}
	net := w.network[s.uri]
	switch {
	case net == nil || net.times == 0:
	default:
		net.times--
		switch net.kind {
		case netLost:
			tell("lost", nil)
			return ingestFailed
		case netHalf:
			err := w.broker.append(entries[:len(entries)/2])
			tell("half of it arrives", err)
			return ingestFailed
		case netUnheard:
			err := w.broker.append(entries)
			tell("the answer is lost", err)
			return ingestFailed
		case netLate:
			w.plan(w.between(time.Second, 5*time.Second), nil, func() {
				err := w.broker.append(entries)
				tell("arrives late", err)
			})
			tell("is on its way for long", nil)
			return ingestFailed
		}
	}
	if err := w.broker.append(entries); err != nil {
		tell("refused", err)
		return ingestFailed
	}
	tell("stored", nil)
	return ingestStored
}

// trouble is what a network does to the next so many requests of a source.
type trouble struct {
	kind  int
	times int
}

const (
	netLost = iota
	netHalf
	netUnheard
	netLate
)
