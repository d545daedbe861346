package sim

import "time"

// stall has the log deliver nothing for a while.
type stall struct{}

// Strike implements Fault.
func (stall) Strike(w *World) { w.broker.stalled = w.now + w.between(time.Second, 25*time.Second) }
