package sim

import (
	"fmt"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// regress is a stream that lost its end and used the numbers again before anybody
// looked.
type regress struct{}

// Strike implements Fault.
func (regress) Strike(w *World) {
	n := w.truncate()
	for i := range n + uint64(w.rng.IntN(6)) {
		ev, err := events.New(events.CredentialRotated, vault, fmt.Sprintf("again-%d-%d", w.planned, i), began.Add(w.now), "",
			&events.Credential{CredentialID: "root"})
		if err != nil {
			w.violate("a filler is no event: %v", err)
			return
		}
		if err := w.broker.append([]eventlog.Entry{w.entry(ev, "")}); err != nil {
			w.tell("regress: %v", err)
			return
		}
	}
}
