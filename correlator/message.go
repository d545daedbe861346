package correlator

import "github.com/overstay/overstay/events"

// Message is one message of the log, decoded.
type Message struct {
	Origin Origin
	Event  events.Event
	// Policy is the compiled policy when the event is policy.applied.
	Policy *Policy
}

// Origin is a place in a log that stays what it is through export and import.
type Origin struct {
	LogID string `json:"logId"`
	Epoch uint64 `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// Result is what a step asks of the engine.
type Result struct {
	// Publish holds alerts and seals in order.
	Publish []Publication
	// NextDue is when the next timer is due: the engine ticks then. Forever
	// when nothing is armed.
	NextDue Time
	// Backlog means that timers or jobs are waiting, or what is to leave the state:
	// a tick has more to do at once. [Glance] tells them apart.
	Backlog bool
	// Outcome says what became of the message, for the metrics.
	Outcome Outcome
	// Refused says why the message belongs in quarantine, where its outcome is
	// [Unauthorised].
	Refused string
	// Departed is what leaves the state with the step, where
	// [Working.ShowDeparted] asks for it.
	Departed Departed
}

// Outcome says what became of a message.
type Outcome string

// The outcomes.
const (
	Applied   Outcome = "applied"
	Unchanged Outcome = "unchanged" // a duplicate, or nothing new
	Ignored   Outcome = "ignored"   // not done
	// Unauthorised: outside its source's authority; it changed nothing.
	Unauthorised Outcome = "unauthorised"
	// Late: it is about a time that what it speaks of, and everything awaited, had
	// left behind; it creates nothing.
	Late Outcome = "late"
)

// Publication is one alert revision or seal, ready to publish.
type Publication struct {
	// Alert is set for alerts, Seal for seals.
	Alert *Alert
	Seal  *Seal
}

// State is the store as the core sees it: an ordered map of bytes. Reads see the
// writes of the same step. Errors are the engine's business: it remembers the
// first and throws the step away, so a read that failed may return nothing.
type State interface {
	// Get returns nil when the key is not there.
	Get(key []byte) []byte
	Put(key, value []byte)
	Delete(key []byte)
	// Scan calls fn in key order for each key with the prefix, from the first
	// key >= from on, until fn returns false. fn must not write.
	Scan(prefix, from []byte, fn func(key, value []byte) bool)
}
