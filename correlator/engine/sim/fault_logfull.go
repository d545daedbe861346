package sim

import "time"

// logFull leaves no room in the log for a while, for sources or for anybody.
type logFull struct{}

// Strike implements Fault.
func (logFull) Strike(w *World) {
	w.broker.full, w.broker.stuffed = true, w.chance(30)
	w.plan(w.between(time.Second, 15*time.Second), nil, func() { w.broker.full, w.broker.stuffed = false, false })
}
