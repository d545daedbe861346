package runner

import (
	"maps"
	"sync"
	"time"

	"github.com/overstay/overstay/events"
)

// State is what a source is doing.
type State string

// The states. A source is Starting until its first run begins; it is Waiting while
// it says so itself; Pausing follows a failure; Ended, Stopped and Stuck are final.
const (
	Starting State = "starting"
	Running  State = "running"
	Waiting  State = "waiting" // running, and what it reads is not there
	Pausing  State = "pausing" // waiting to be started again
	Ended    State = "ended"   // its input is at its end
	Stopped  State = "stopped" // as it was told
	Stuck    State = "stuck"   // told to stop, and did not
)

// Status is a source as seen from outside, for metrics and reports.
type Status struct {
	URI      string
	State    State
	Sequence events.Sequence   // of the last event that is in the log
	Events   map[string]uint64 // in the log since the start, by class
	Skipped  map[string]uint64 // records since the start, by reason
	LastSkip *Skipped          // the last one that could not be read
	Restarts uint64
	// LastError is why the source last failed, with the time. It stays after a
	// recovery.
	LastError   string
	LastErrorAt time.Time
	// Waiting is what the source waits for, or last did before it failed or was
	// stopped; "" when it went on.
	Waiting string
	// LastEmit is when a batch was last accepted, by the wall clock.
	LastEmit time.Time
	// Through is the source's own last progress: all before it is in the log.
	Through time.Time
}

// Skipped is a record that was passed over, and where to find it.
type Skipped struct {
	Reason, Place, Error string
	At                   time.Time
}

// maxReasons bounds the reasons that are counted one by one: they become labels
// of a metric.
const maxReasons = 32

// otherReason counts the rest.
const otherReason = "other"

// board is the Status under its lock.
type board struct {
	mu     sync.Mutex
	status Status
}

func newBoard(uri string) *board {
	return &board{status: Status{URI: uri, State: Starting, Events: map[string]uint64{}, Skipped: map[string]uint64{}}}
}

func (b *board) update(fn func(*Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn(&b.status)
}

func (b *board) snapshot() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.status
	s.Events, s.Skipped = maps.Clone(s.Events), maps.Clone(s.Skipped)
	if s.LastSkip != nil {
		last := *s.LastSkip
		s.LastSkip = &last
	}
	return s
}

// waiting notes what the source waits for, "" when for nothing, and returns what
// that was before. Of a source that does not run any more nothing changes: what it
// says may have been under way when its run ended.
func (b *board) waiting(reason string) (was string) {
	b.update(func(s *Status) {
		if s.State != Running && s.State != Waiting {
			was = reason
			return
		}
		was, s.Waiting = s.Waiting, reason
		if s.State = Running; reason != "" {
			s.State = Waiting
		}
	})
	return was
}

// published counts what is in the log now.
func (b *board) published(evs []events.Event) {
	b.update(func(s *Status) {
		for _, ev := range evs {
			s.Events[ev.Type.Class()]++
			if p, ok := ev.Data.(*events.Progress); ok && p.Through.After(s.Through) {
				s.Through = p.Through
			}
		}
	})
}

// skipped counts a record and returns how many there were for the reason.
func (b *board) skipped(sk Skipped, unread bool) (n uint64) {
	b.update(func(s *Status) {
		reason := sk.Reason
		if _, known := s.Skipped[reason]; !known && len(s.Skipped) >= maxReasons {
			reason = otherReason
		}
		s.Skipped[reason]++
		n = s.Skipped[reason]
		if unread {
			s.LastSkip = &sk
		}
	})
	return n
}
