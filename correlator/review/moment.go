package review

import (
	"time"

	"github.com/overstay/overstay/correlator"
)

// moment is a time of the core's as a value for others: the zero time for one that is
// not stated, or that is before or after everything.
func moment(t correlator.Time) time.Time {
	if t == correlator.Forever || t == correlator.Ever {
		return time.Time{}
	}
	return t.Std()
}

// Evidence is one event in the log: an auditor finds it there.
type Evidence struct {
	// Event is "source|id".
	Event string `json:"event"`
	// Position in the log, 0 where it is not known.
	Position uint64    `json:"position,omitzero"`
	At       time.Time `json:"at,omitzero"` // when it happened, as its source says
	What     string    `json:"what,omitzero"`
}

func evidenceOf(f correlator.Fact) Evidence {
	return Evidence{Event: f.Event, Position: f.Seq, At: moment(f.At), What: f.What}
}

// evidence finds the fact that an event told.
func evidence(facts []correlator.Fact, event string) Evidence {
	for _, f := range facts {
		if f.Event == event {
			return evidenceOf(f)
		}
	}
	return Evidence{Event: event}
}
