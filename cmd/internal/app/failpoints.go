package app

import "github.com/overstay/overstay/correlator/engine"

// The points outside the engine's loop at which [Options.Fail] is asked.
const (
	// PointStateOpened: the state is open and verified, the log is not open.
	PointStateOpened = "state-opened"
	// PointLogOpened: the streams are open too, and nothing is read.
	PointLogOpened = "log-opened"
	// PointAppending: events are decoded and judged, and not in the log.
	PointAppending = "before-append"
	// PointAppended: the log has acknowledged events, and who sent them does not
	// know; it sends them again.
	PointAppended = "after-append"
)

// Points are all points at which a test may end the program, in the order in
// which a life passes them.
func Points() []string {
	return append([]string{PointStateOpened, PointLogOpened, PointAppending, PointAppended}, engine.Points()...)
}

// fail asks whether to end at a point.
func (a *App) fail(point string) error {
	if a.opts.Fail == nil {
		return nil
	}
	return a.opts.Fail(point)
}
