package openldap

import (
	"time"

	"github.com/overstay/overstay/events"
)

// change is what happened to one entry, or what a resumed search shows to have
// happened while nobody listened.
type change struct {
	UUID   string
	Record *record // nil: the entry is gone
	// Mark tells this change from every other of the entry: its CSN, or, for a
	// deletion that nobody saw, the cookie after which it happened. Event ids
	// are made of it.
	Mark string
	At   time.Time
	// Since is zero for a change that was seen as it was made. Else it was made
	// after Since and not later than At, and may stand for several.
	Since time.Time
	// Read is when a change that was found afterwards was found.
	Read time.Time
}

// live is a change that arrives as it is made.
func live(uuid string, rec *record, csn CSN) change {
	return change{UUID: uuid, Record: rec, Mark: string(csn), At: csn.Time()}
}

// found reports whether the change was found afterwards.
func (c change) found() bool { return !c.Since.IsZero() }

// mostUncertain is how far a time may be off before it is no evidence; the
// vocabulary refuses more.
const mostUncertain = 24 * time.Hour

// quality says how far At can be trusted: to the microsecond, or, for a change
// found afterwards, not more than back to Since.
func (c change) quality() *events.TimeQuality {
	q := &events.TimeQuality{Precision: events.Duration(time.Microsecond), Zone: "stated"}
	if c.found() {
		q.Uncertainty = events.Duration(min(max(0, c.At.Sub(c.Since)), mostUncertain))
	}
	return q
}

// datable reports whether At is good enough for the beginning of access. Where it
// is not, the snapshot that follows every restart says what is new.
func (c change) datable() bool { return !c.found() || c.At.Sub(c.Since) <= mostUncertain }

// end is how a membership ended by this change. The source shows it to be gone,
// whatever the reason.
func (c change) end(cause events.EndCause) *events.End {
	e := &events.End{Basis: events.EndObserved, Cause: cause}
	if c.found() {
		e.LastAlive, e.At = c.Since, c.At
		if e.LastAlive.After(e.At) { // two clocks: the directory's is behind
			e.LastAlive = e.At
		}
	}
	return e
}

// created reports whether the change is the entry's creation and not its coming
// into sight (moved into the base, access rules widened). createTimestamp has
// whole seconds, so that is what can be compared.
func (c change) created() bool {
	made := c.Record.Created
	if c.found() {
		return !made.Before(c.Since.Truncate(time.Second))
	}
	return made.Equal(c.At.Truncate(time.Second))
}
