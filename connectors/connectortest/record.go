package connectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// promptly is how soon a source that was told to stop must have returned. It is
// a fifth of what the runner grants before it reports the source as stuck.
const promptly = time.Second

// recording is what one run said.
type recording struct {
	uri     string
	batches []batch
	skips   []skip
	waits   []string // what it waited for
	err     error    // what Run returned
	log     *logBuffer
	faults  []error // breaches of the contract seen on the way
}

type batch struct {
	said   []statement
	cursor connectors.Cursor
}

// statement is an event and what it said when it was emitted: a source may use
// its payload again as soon as Emit has returned.
type statement struct {
	event   events.Event
	text    string
	invalid error // why it cannot be encoded
}

func (s statement) aboutAccess() bool { return s.event.Type.Class() != "source" }

type skip struct {
	reason, place string
	err           error
}

// about lists, in order, what was said about access in the batches from index on.
func (r *recording) about(from int) []string {
	var texts []string
	for _, b := range r.batches[from:] {
		for _, s := range b.said {
			if s.aboutAccess() {
				texts = append(texts, s.text)
			}
		}
	}
	return texts
}

func (r *recording) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

// output is the kit's connectors.Output. taken decides on each batch after it
// was recorded: an error refuses it, and the batch is forgotten again.
type output struct {
	mu     sync.Mutex
	rec    *recording
	taken  func(ctx context.Context) error
	inside bool   // an Emit is under way
	ended  string // why no further Emit may come
	closed bool   // Run has returned; rec belongs to the check
	late   int    // calls since then
}

func (o *output) Emit(ctx context.Context, evs []events.Event, next connectors.Cursor) error {
	if err := o.enter(evs, next); err != nil {
		return err
	}
	err := ctx.Err()
	if err == nil {
		err = o.taken(ctx)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inside = false
	if err != nil {
		o.rec.batches = o.rec.batches[:len(o.rec.batches)-1]
		o.ended = "a batch was refused"
	}
	return err
}

func (o *output) enter(evs []events.Event, next connectors.Cursor) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		o.late++
		return errOver
	case o.ended != "":
		o.rec.fault("Emit was called after %s", o.ended)
		return errOver
	case o.inside:
		o.rec.fault("Emit was called while another Emit was under way: the order is lost")
		return errors.New("another Emit is under way")
	}
	o.inside = true
	b := batch{cursor: slices.Clone(next)}
	for _, ev := range evs {
		b.said = append(b.said, state(ev))
	}
	o.rec.batches = append(o.rec.batches, b)
	return nil
}

var errOver = errors.New("connectortest: this run is over")

func (o *output) Skip(reason, place string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.late++
		return
	}
	if reason == "" {
		o.rec.fault("Skip at %q gives no reason", place)
	}
	o.rec.skips = append(o.rec.skips, skip{reason, place, err})
}

func (o *output) Waiting(reason error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		o.late++
	case reason != nil:
		o.rec.waits = append(o.rec.waits, reason.Error())
	}
}

// lateCalls counts the calls that came after the run. A goroutine that the
// source left behind makes them.
func (o *output) lateCalls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.late
}

// decision judges a batch that was just recorded; stop ends the run as a user
// would, by its context.
type decision func(ctx context.Context, rec *recording, stop func()) error

func takeAll(context.Context, *recording, func()) error { return nil }

// runWith runs a new source from a cursor.
func (s Suite) runWith(t *testing.T, from connectors.Cursor, taken decision) *recording {
	ctx, cancel := context.WithTimeout(t.Context(), s.limit())
	defer cancel()
	return s.runIn(ctx, cancel, t, from, taken)
}

func (s Suite) runIn(ctx context.Context, stop func(), t *testing.T, from connectors.Cursor, taken decision) *recording {
	rec := &recording{log: &logBuffer{}}
	src := s.New(t, rec.log.logger())
	rec.uri = src.URI()
	out := &output{rec: rec, taken: func(ctx context.Context) error { return taken(ctx, rec, stop) }}
	t.Cleanup(func() {
		if n := out.lateCalls(); n > 0 {
			t.Errorf("the output was called %d times after Run had returned", n)
		}
	})
	done := make(chan error, 1)
	go func() { done <- src.Run(ctx, slices.Clone(from), out) }()
	err := s.wait(ctx, done)
	out.mu.Lock()
	defer out.mu.Unlock()
	out.closed = true
	rec.err = err
	if stuck := (*stuckError)(nil); errors.As(err, &stuck) {
		rec.fault("%w", err)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		rec.fault("the run had neither ended nor said everything after %s (%d batches so far)", s.limit(), len(rec.batches))
	}
	return rec
}

// stuckError means that a source did not return when its context had ended.
type stuckError struct{ after time.Duration }

func (e *stuckError) Error() string {
	return fmt.Sprintf("Run had not returned %s after its context ended", e.after)
}

func (s Suite) wait(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(promptly):
		return &stuckError{promptly}
	}
}

// run reads from a cursor to the end of the input, or until a source that never
// ends has said want events about access that are not in before.
func (s Suite) run(t *testing.T, from connectors.Cursor, want int, before map[string]bool) *recording {
	if s.Events == 0 {
		rec := s.runWith(t, from, takeAll)
		if rec.err != nil && len(rec.faults) == 0 {
			rec.fault("Run returned %q instead of nil at the end of its input (for a source that does not end, set Suite.Events)", rec.err)
		}
		return rec
	}
	rec := s.runWith(t, from, func(_ context.Context, rec *recording, stop func()) error {
		if len(without(rec.about(0), before)) >= want {
			stop()
		}
		return nil
	})
	if len(rec.faults) == 0 && !errors.Is(rec.err, context.Canceled) {
		rec.fault("Run returned %v instead of its context's error when it was stopped", rec.err)
	}
	return rec
}

// full is a run from the beginning.
func (s Suite) full(t *testing.T) *recording { return s.run(t, nil, s.Events, nil) }

// without leaves out what was said before.
func without(texts []string, before map[string]bool) []string {
	if len(before) == 0 {
		return texts
	}
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return before[s] })
}
