package eventlog

import (
	"context"
	"errors"
	"time"
)

// Message is one message of an ordered log.
type Message struct {
	Position uint64 // contiguous from the log's first on
	Subject  string
	Header   map[string][]string
	Body     []byte
	Time     time.Time // when the log took it, UTC; evidence only, never decides
}

// Entry is a message to append.
type Entry struct {
	Subject string
	Header  map[string][]string
	Body    []byte
	// MsgID lets the log drop a copy within its window. It saves work and
	// guarantees nothing. Chosen by the gateway, never by a client.
	MsgID string
	// Sender is on whose behalf it is appended. Senders take turns where several
	// wait; it is not stored. Of one Append all entries have the same.
	Sender string
}

// State is what a log says of itself.
type State struct {
	ID    string // incarnation: the stream's name and created time
	First uint64 // position of the oldest message, Last+1 when empty
	Last  uint64 // 0 when nothing was ever appended
	Lost  string // not empty: the server itself reports lost messages
	Bytes uint64
	Limit uint64 // 0: none
	// MaxAge is how long a message is kept after the log took it; 0: for ever. So
	// First moves on by itself.
	MaxAge time.Duration
}

// Log is the ordered log of everything that can change an alert.
type Log interface {
	State(ctx context.Context) (State, error)
	// At reads one message, ErrNoMessage when it is not there.
	At(ctx context.Context, position uint64) (Message, error)
	// Read starts at a position (0: the oldest), at most State.Last+1: ErrBeyond
	// after that. The reader survives reconnects and stalled consumers by itself,
	// and ends with ErrRegressed when the log is no longer the same.
	Read(ctx context.Context, from uint64) (Reader, error)
	// Append makes the entries durable in order and returns after the log has
	// acknowledged all of them. Calls from several goroutines are committed in
	// groups. ErrFull when the log takes no more source events.
	Append(ctx context.Context, entries []Entry) error
	// AppendGuarded appends one entry of the inner kinds (ticks) only if no
	// entry with its subject was appended after position last (0: none ever);
	// else ErrConflict. It returns the new entry's position. MsgID is not looked
	// at: the guard does more.
	AppendGuarded(ctx context.Context, e Entry, last uint64) (uint64, error)
	// LastOn is the position of the newest message on a subject, 0 for none.
	LastOn(ctx context.Context, subject string) (uint64, error)
}

// Reader hands out messages in order.
type Reader interface {
	// Next waits for the next message. Positions may jump where the log has a
	// hole; judging that is the caller's duty.
	Next(ctx context.Context) (Message, error)
	// TryNext returns ok=false at once when nothing is at hand.
	TryNext() (m Message, ok bool, err error)
	Close() error
}

// Alerts is the stream that alerts are published on.
type Alerts interface {
	// Publish stores the entry if its subject is not there yet. For a subject
	// that is, it succeeds when the stored body is the same and returns a
	// *DifferentError otherwise. It tries again on time-outs until ctx ends.
	Publish(ctx context.Context, e Entry) error
	// PublishAll stores the entries in order and as one, if none of their subjects is
	// there yet. An error says no more than that this is not known to have happened:
	// one of them may be there, the stream may take no batches or may have no room, the
	// answer may be lost. Publish tells, entry by entry.
	PublishAll(ctx context.Context, es []Entry) error
}

// AlertsReader reads the alert stream back, for the command line and for sinks.
// A sink that must miss nothing keeps the position it has delivered.
type AlertsReader interface {
	// State is that of the alert stream.
	State(ctx context.Context) (State, error)
	Tail(ctx context.Context, o TailOptions) (Reader, error)
}

// TailOptions says which alerts to read.
type TailOptions struct {
	From   uint64 // first position wanted; 0 is the oldest that is kept
	New    bool   // only what comes from now on; From is not looked at
	Follow bool   // wait for more; else the reader ends with io.EOF at today's end
	Filter string // NATS subject filter; "" is everything
}

// Quarantine keeps what could not be read, with the reason.
type Quarantine interface {
	Put(ctx context.Context, e Entry) error
}

// The errors that a caller branches on.
var (
	ErrNoMessage = errors.New("eventlog: no message at this position")
	ErrConflict  = errors.New("eventlog: somebody else appended on this subject")
	ErrFull      = errors.New("eventlog: the log takes no more source events")
	// ErrBeyond: a read was asked for that starts after the next position. A
	// JetStream consumer made so would deliver nothing, for ever, without an error.
	ErrBeyond = errors.New("eventlog: the log ends before this position")
	// ErrRegressed: the log lost its end or is another one. Identify it again
	// before reading on.
	ErrRegressed = errors.New("eventlog: the log is not the one that was read before")
	// ErrClosed: the log or reader was closed.
	ErrClosed = errors.New("eventlog: closed")
)

// DifferentError means that an alert revision was published before with another
// body.
type DifferentError struct {
	Subject string
	Stored  Message
}

func (e *DifferentError) Error() string {
	return "eventlog: " + e.Subject + " was published before with another body"
}
