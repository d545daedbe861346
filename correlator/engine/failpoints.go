package engine

import (
	"errors"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
)

// The points of the loop at which [Config.Fail] is asked. Each is a moment when a
// death leaves something begun and not finished; the tests of crashes pass all of
// them.
const (
	// PointIdentified: the log is identified, and where it was another one its
	// epoch is appended; the state does not know of it yet.
	PointIdentified = "identified"
	// PointTicked: a tick is in the log and not applied; the next life must not
	// take its own clock's word for it.
	PointTicked = "after-tick"
	// PointQuarantined: a message is in quarantine, and the state has not passed
	// it; it is quarantined again, and must be there once.
	PointQuarantined = "after-quarantine"
	// PointBeforeCommit: messages are applied, and nothing of that is on disk.
	PointBeforeCommit = "before-commit"
	// PointAfterCommit: the state, the outbox and the position are on disk, and
	// nothing is published.
	PointAfterCommit = "after-commit"
	// PointBeforePublish: a publication is next.
	PointBeforePublish = "before-publish"
	// PointAfterPublish: it is in the alert stream, and the outbox does not know.
	PointAfterPublish = "after-publish"
	// PointBetweenPublications: one of several is out, and more wait.
	PointBetweenPublications = "between-publications"
	// PointLooked: the alert stream is looked through and has again what it lost, and
	// the state does not know of it.
	PointLooked = "after-look"
	// PointCheckpointing: a record of the state goes into a checkpoint's file, which
	// is not whole yet.
	PointCheckpointing = "within-checkpoint"
	// PointCheckpointed: the file is whole and listed, and those that it makes
	// superfluous are still there.
	PointCheckpointed = "after-checkpoint"
	// PointLoading: a record of a checkpoint goes into an empty state, which must
	// not be taken for one.
	PointLoading = "within-load"
)

// Points are all of them, in the order in which a life passes them.
func Points() []string {
	return []string{
		PointIdentified, PointTicked, PointQuarantined, PointBeforeCommit, PointAfterCommit,
		PointBeforePublish, PointAfterPublish, PointBetweenPublications, PointLooked, PointCheckpointing, PointCheckpointed, PointLoading,
	}
}

// failing is a snapshot that passes a point with each record.
type failing struct {
	store.Snapshot
	e *Engine
}

func (f failing) Scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	var failed error
	err := f.Snapshot.Scan(prefix, from, func(key, value []byte) bool {
		failed = f.e.fail(PointCheckpointing)
		return failed == nil && fn(key, value)
	})
	return errors.Join(err, failed)
}

// failingLoad reads a checkpoint and passes a point with each record.
func (e *Engine) failingLoad(c checkpoint.File) func(fn func(key, value []byte) error) (checkpoint.Info, error) {
	return func(fn func(key, value []byte) error) (checkpoint.Info, error) {
		return c.Read(func(key, value []byte) error {
			if err := e.fail(PointLoading); err != nil {
				return err
			}
			return fn(key, value)
		})
	}
}
