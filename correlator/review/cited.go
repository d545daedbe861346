package review

import (
	"time"

	"github.com/overstay/overstay/correlator"
)

// Cited is an event in the log, with what it said.
type Cited struct {
	Evidence
	At   time.Time `json:"at,omitzero"` // when it happened, as its source says
	What string    `json:"what,omitzero"`
}

// cite finds the fact that an event told.
func cite(facts []correlator.Fact, event string) Cited {
	for _, f := range facts {
		if f.Event == event {
			return Cited{Evidence{f.Event, f.Seq}, instant(f.At), f.What}
		}
	}
	return Cited{Evidence: Evidence{Event: event}}
}
