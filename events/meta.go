package events

import (
	"fmt"
	"time"
)

// Effect says whether an act took effect. Only a done act changes access: an
// in-progress grant counts as open at low confidence after 15 minutes, and an
// in-progress end never closes anything.
type Effect string

// The effects. The empty word in JSON means done.
const (
	Done       Effect = ""
	Attempted  Effect = "attempted"
	InProgress Effect = "in-progress"
	Failed     Effect = "failed"
	doneWord   Effect = "done"
)

// TimeQuality says how far an event's time can be trusted.
type TimeQuality struct {
	// Precision is the step of the source's clock in the record: 1s where the
	// record has whole seconds.
	Precision Duration `json:"precision,omitempty"`
	// Zone is "stated" or "assumed" (the record had no zone).
	Zone string `json:"zone,omitempty"`
	// Uncertainty bounds the distance from true time, either way. It is added
	// to the grace before an overrun is called one.
	Uncertainty Duration `json:"uncertainty,omitempty"`
}

// Meta is what every payload about access carries besides its own facts.
type Meta struct {
	// Actor is who did it, which is often not the subject.
	Actor ID `json:"actor,omitempty"`
	// Aliases are the subject's other ids in the same record. They link.
	Aliases []ID `json:"aliases,omitempty"`
	// Effect is whether it happened; left out means done.
	Effect Effect `json:"effect,omitempty"`
	// OperationID is equal in all records of one act (retries, two records of
	// one operation) and collapses them.
	OperationID string `json:"operationId,omitempty"`
	// TimeQuality is about the event's time attribute.
	TimeQuality *TimeQuality `json:"timeQuality,omitempty"`
	// RawSHA256 is the hex SHA-256 of the source's raw record, so that a
	// reviewer can prove which line an event came from.
	RawSHA256 string `json:"rawSha256,omitempty"`
}

// Common returns the payload's Meta; it is how code reads it whatever the type.
func (m *Meta) Common() *Meta { return m }

func (m *Meta) validateMeta(c *checker) {
	c.optionalID("actor", m.Actor)
	noneIfEmpty(&m.Aliases)
	c.ids("aliases", m.Aliases, MaxAliases)
	if m.Effect == doneWord {
		m.Effect = Done
	}
	enum(c, "effect", m.Effect, Done, doneWord, Attempted, InProgress, Failed)
	c.text("operationId", m.OperationID)
	if q := m.TimeQuality; q != nil {
		enum(c, "timeQuality.zone", q.Zone, "", "stated", "assumed")
		if q.Precision < 0 || q.Uncertainty < 0 {
			c.fail("timeQuality", "has a negative duration")
		}
		if q.Uncertainty.Std() > 24*time.Hour || q.Precision.Std() > 24*time.Hour {
			c.fail("timeQuality", "is more than 24 h: such a time is no evidence")
		}
	}
	if m.RawSHA256 != "" && !isHex(m.RawSHA256, 64) {
		c.fail("rawSha256", "is not 64 lower-case hex digits")
	}
}

func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for _, b := range []byte(s) {
		if (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return true
}

// Duration is a time.Duration written as in Go, "1h30m".
type Duration time.Duration

// Std is d as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the Go form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the Go form.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%.60q is not a duration such as \"90s\" or \"1h30m\"", b)
	}
	*d = Duration(v)
	return nil
}
