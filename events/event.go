package events

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Event is one CloudEvent of the vocabulary, decoded. Time is when it happened
// at the source, Recorded when the connector saw it; both in UTC.
type Event struct {
	ID          string
	Source      string // URI of the connector, "vault://prod"
	Type        Type
	Subject     ID // empty where the type allows it
	Time        time.Time
	Recorded    time.Time // zero: not stated
	Sequence    Sequence  // zero: not numbered
	TraceParent string    // W3C Trace Context, may be empty
	Data        Data
}

// Sequence numbers a connector's events so that a hole shows and a restart is
// not one. The counter starts at 1 in each epoch; a connector raises the epoch
// when it lost its place.
type Sequence struct {
	Epoch   uint64
	Counter uint64
}

// IsZero reports whether the event is not numbered.
func (s Sequence) IsZero() bool { return s == Sequence{} }

// String is the CloudEvents extension's form: zero-padded, so that it sorts.
func (s Sequence) String() string { return fmt.Sprintf("%010d.%019d", s.Epoch, s.Counter) }

// ParseSequence reads the form that String writes.
func ParseSequence(text string) (Sequence, error) {
	e, n, ok := strings.Cut(text, ".")
	epoch, err1 := strconv.ParseUint(e, 10, 64)
	counter, err2 := strconv.ParseUint(n, 10, 64)
	if !ok || err1 != nil || err2 != nil || counter == 0 {
		return Sequence{}, fmt.Errorf("sequence %.60q is not <epoch>.<counter> with a counter from 1 on", text)
	}
	return Sequence{epoch, counter}, nil
}

// New makes an event and validates it; it is how connectors speak. id must be
// the same whenever the same source record is read again.
func New(t Type, source, id string, at time.Time, subject ID, data Data) (Event, error) {
	ev := Event{ID: id, Source: source, Type: t, Subject: subject, Time: at.UTC(), Data: data}
	return ev, ev.Validate()
}

// subjectOptional lists the types that may leave the subject out: acts on
// something that was introduced with its subject before, and the inner types.
func (t Type) subjectOptional() bool {
	switch t {
	case ApprovalRequested, ApprovalGranted, SessionStarted, LeaseIssued,
		MembershipAdded, MembershipRemoved, GroupNested, GroupUnnested,
		AccountCreated, AccountDisabled, AccountEnabled, AccountDeleted,
		IdentityLinked, IdentityUnlinked, OwnerChanged, JobChanged:
		return false
	}
	return true
}

// Validate reports everything that is wrong with the event as an
// [*InvalidError], or nil. It also brings spellings that mean the same to one
// ("done" and nothing, an empty list and none, a time in another zone), so that
// equal events are equal as Go values too. An event that was validated before it
// leaves alone.
func (e *Event) Validate() error {
	var c checker
	e.checkAttributes(&c)
	if want := NewData(e.Type); want == nil {
		c.fail("type", "%.100q is not in the vocabulary", string(e.Type))
	} else if reflect.TypeOf(e.Data) != reflect.TypeOf(want) {
		c.fail("data", "is a %T, but %s carries a %T", e.Data, e.Type.Short(), want)
	} else if reflect.ValueOf(e.Data).IsNil() {
		c.fail("data", "is missing")
	} else {
		e.Data.validate(&c, e.Type)
	}
	return c.err()
}

// checkAttributes is the part of Validate that is about everything but type and
// data.
func (e *Event) checkAttributes(c *checker) {
	c.required("id", e.ID)
	c.source(e.Source)
	c.requiredTime("time", e.Time)
	c.time("recordedtime", e.Recorded)
	e.Time, e.Recorded = e.Time.UTC(), e.Recorded.UTC()
	if !e.Sequence.IsZero() && e.Sequence.Counter == 0 {
		c.fail("sequence", "has the counter 0; it counts from 1")
	}
	if e.TraceParent != "" {
		c.check("traceparent", checkTraceParent(e.TraceParent))
	}
	if e.Subject != "" {
		c.id("subject", e.Subject)
	} else if !e.Type.subjectOptional() {
		c.fail("subject", "is required for %s", e.Type.Short())
	}
}

// checkTraceParent checks the form of W3C Trace Context, version 00:
// 00-<trace id>-<parent id>-<flags>, in lower-case hex, ids not all zero.
func checkTraceParent(s string) error {
	const form = "is not a W3C traceparent of version 00"
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' {
		return errors.New(form)
	}
	trace, parent, flags := s[3:35], s[36:52], s[53:]
	if !isHex(trace, 32) || !isHex(parent, 16) || !isHex(flags, 2) ||
		strings.Trim(trace, "0") == "" || strings.Trim(parent, "0") == "" {
		return errors.New(form)
	}
	return nil
}
