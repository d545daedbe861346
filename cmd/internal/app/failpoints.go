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

// The points of a backup and of a restore.
const (
	// PointBackingUp: the connectors' cursors and the state are written, the streams
	// are not.
	PointBackingUp = "backing-up"
	// PointRestoreAssembled: the backup is put together and verified, and nothing of
	// what was there is touched.
	PointRestoreAssembled = "restore-assembled"
	// PointRestoreMoving: a folder is set aside, and what takes its place is not there.
	PointRestoreMoving = "restore-moving"
)

// Points are all points of a server's life at which a test may end the program, in the order in
// which a life passes them.
func Points() []string {
	return append([]string{PointStateOpened, PointLogOpened, PointAppending, PointAppended}, engine.Points()...)
}

// fail asks whether to end at a point.
func (a *App) fail(point string) error { return a.opts.failAt(point) }

func (o Options) failAt(point string) error {
	if o.Fail == nil {
		return nil
	}
	return o.Fail(point)
}
