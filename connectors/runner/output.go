package runner

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// errOver refuses a source that emits after its run.
var errOver = errors.New("runner: this run of the source is over")

// output is the connectors.Output of one run of the source.
type output struct {
	runner *Runner
	over   atomic.Bool

	mu       sync.Mutex // one Emit at a time
	place    place
	progress bool // an Emit has succeeded
}

// Emit implements connectors.Output.
func (o *output) Emit(ctx context.Context, evs []events.Event, next connectors.Cursor) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over.Load() {
		return errOver
	}
	to := o.place
	for batch := range slices.Chunk(evs, MaxInFlight) {
		numbered := o.number(batch, &to)
		if len(numbered) == 0 {
			continue
		}
		if err := o.runner.to.Publish(ctx, numbered); err != nil {
			return fmt.Errorf("publishing %d events of source %s: %w", len(numbered), to.URI, err)
		}
		o.runner.board.published(numbered)
	}
	// Not copied, a cursor that the source goes on writing to would be stored
	// half new.
	to.Cursor = slices.Clone(next)
	if o.over.Load() {
		return errOver
	}
	if err := o.runner.keeper.store(to); err != nil {
		return fmt.Errorf("storing where source %s stands: %w", to.URI, err)
	}
	o.place, o.progress = to, true
	o.runner.board.update(func(s *Status) {
		s.Sequence = events.Sequence{Epoch: to.Epoch, Counter: to.Counter}
		s.LastEmit = o.runner.now()
	})
	return nil
}

// number copies a batch, and fills in what the connector leaves out. An event
// that a connector passes on for another source keeps that one's number: ours
// would show a hole in the other's count.
//
// An event that the vocabulary refuses would be refused at each start again, and
// the source would never get past it. It is left out, but keeps its number: the
// hole tells the correlator that something is missing.
func (o *output) number(batch []events.Event, to *place) []events.Event {
	now := o.runner.now().UTC()
	numbered := make([]events.Event, 0, len(batch))
	for _, ev := range batch {
		if ev.Source == to.URI {
			to.Counter++
			ev.Sequence = events.Sequence{Epoch: to.Epoch, Counter: to.Counter}
			ev.Data = counted(ev.Data, to.Counter)
		}
		if ev.Recorded.IsZero() {
			ev.Recorded = now
		}
		if _, err := events.Encode(ev); err != nil {
			o.Skip(invalidEvent, fmt.Sprintf("event %.200q", ev.ID), err)
			continue
		}
		numbered = append(numbered, ev)
	}
	return numbered
}

// invalidEvent is the reason for an event that is the connector's own mistake.
const invalidEvent = "invalid-event"

// counted says in a progress event up to which number it holds, which only the
// runner knows: its own, as all before it are in the log when it is.
func counted(d events.Data, counter uint64) events.Data {
	p, ok := d.(*events.Progress)
	if !ok {
		return d
	}
	c := *p
	c.Sequence = counter
	return &c
}

// Skip implements connectors.Output. What could not be read is logged at each
// power of two, so that a broken file does not fill the disk with log lines.
func (o *output) Skip(reason, place string, err error) {
	if reason == "" {
		reason = otherReason
	}
	sk := Skipped{Reason: reason, Place: place, At: o.runner.now()}
	if err != nil {
		sk.Error = err.Error()
	}
	unread := reason != connectors.SkipNotAccess
	n := o.runner.board.skipped(sk, unread)
	if unread && bits.OnesCount64(n) == 1 {
		o.runner.log.Warn("a record was passed over", "reason", reason, "place", place, "error", sk.Error, "count", n)
	}
}

// Waiting implements connectors.Output. What is said at every look is logged when
// it begins, when it becomes something else, and when it is over.
func (o *output) Waiting(reason error) {
	if o.over.Load() {
		return
	}
	text := ""
	if reason != nil {
		text = reason.Error()
	}
	switch was := o.runner.board.waiting(text); {
	case was == text:
	case text != "":
		o.runner.log.Warn("the source waits", "for", text)
	default:
		o.runner.log.Info("the source goes on", "waited_for", was)
	}
}

// refuse ends the run from outside, without waiting for an Emit under way.
func (o *output) refuse() { o.over.Store(true) }

// close ends the run and hands back where the source stands.
func (o *output) close(at *place) (progress bool) {
	o.refuse()
	o.mu.Lock()
	defer o.mu.Unlock()
	*at = o.place
	return o.progress
}
