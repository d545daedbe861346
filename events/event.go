package events

import (
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
		return Sequence{}, fmt.Errorf("sequence %q is not <epoch>.<counter> with a counter from 1 on", text)
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
// [*InvalidError], or nil. It also normalises spellings that mean the same
// ("done" and nothing).
func (e *Event) Validate() error {
	var c checker
	c.required("id", e.ID)
	c.required("source", e.Source)
	c.requiredTime("time", e.Time)
	c.time("recordedtime", e.Recorded)
	c.text("traceparent", e.TraceParent)
	want := NewData(e.Type)
	if want == nil {
		c.fail("type", "%q is not in the vocabulary", string(e.Type))
		return c.err()
	}
	if e.Subject != "" {
		c.id("subject", e.Subject)
	} else if !e.Type.subjectOptional() {
		c.fail("subject", "is required for %s", e.Type.Short())
	}
	if e.Data == nil {
		c.fail("data", "is missing")
		return c.err()
	}
	if reflect.TypeOf(e.Data) != reflect.TypeOf(want) {
		c.fail("data", "is a %T, but %s carries a %T", e.Data, e.Type.Short(), want)
		return c.err()
	}
	e.Data.validate(&c, e.Type)
	return c.err()
}
