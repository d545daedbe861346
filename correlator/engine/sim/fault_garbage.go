package sim

import (
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// garbage is a message on a source's subject that nobody can read.
type garbage struct{}

// Strike implements Fault.
func (garbage) Strike(w *World) {
	bodies := []string{"", "{", `{"specversion":"1.0"}`, "\x00\xff", `{"specversion":"1.0","type":"dev.overstay.clock.tick"}`}
	s := w.sources[w.rng.IntN(len(w.sources))]
	err := w.broker.append([]eventlog.Entry{{
		Subject: "overstay.events.lease." + events.EscapeToken(s.uri),
		Header:  map[string][]string{"Content-Type": {events.ContentTypeEvent}},
		Body:    []byte(bodies[w.rng.IntN(len(bodies))]),
	}})
	w.tell("garbage: %v", err)
}
