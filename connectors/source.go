package connectors

import (
	"context"

	"github.com/overstay/overstay/events"
)

// Source reads one real system and says what it saw in the vocabulary.
type Source interface {
	// URI is the CloudEvents source of everything it emits, "vault://prod". It
	// must not change between runs: access ids are unique within it.
	URI() string
	// Run reads from a cursor on (nil: from the beginning) and emits until ctx
	// ends or the input does. It returns nil at the end of a finite input,
	// ctx.Err() when stopped, and an error when it cannot go on; the runner
	// then starts it again from the last cursor after a pause. A record that
	// cannot be read is not an error: it is counted, reported with its place,
	// and passed over. The same record gives the same event ids in every run.
	Run(ctx context.Context, from Cursor, out Output) error
}

// Cursor is where a source continues: opaque to everybody else, JSON by custom.
type Cursor []byte

// Output takes what a source says.
type Output interface {
	// Emit makes the events durable in the log, in order, and then remembers
	// next as the place to continue from. It returns after both, so that a
	// source acknowledges upstream only what cannot be lost. nil events with a
	// new cursor only moves the cursor. The event's Sequence and Recorded are
	// filled in here. An error means that nothing may be assumed: return it.
	Emit(ctx context.Context, evs []events.Event, next Cursor) error
	// Skip reports a record that is not an event: reason "not-access" for what
	// is not about access, anything else for what could not be read, with the
	// place (file and line, DN) so that a person finds it. Never the record
	// itself, which may hold secrets.
	Skip(reason, place string, err error)
	// Waiting says that the source runs, but can claim nothing for now, and what
	// it waits for ("audit.log is not there"); nil, that it can. It shows in the
	// status. It may be said at every look: only a change is logged.
	Waiting(reason error)
}

// SkipNotAccess is the reason for a well-formed record that says nothing about
// access.
const SkipNotAccess = "not-access"
