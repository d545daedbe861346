package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/overstay/overstay/cmd/internal/backup"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
)

// RestoreOptions say what to do with a backup.
type RestoreOptions struct {
	File       string
	VerifyOnly bool // put it together in a temporary folder, and remove that
	Replace    bool // what is in the data folder is set aside
}

// Restored is what came of it.
type Restored struct {
	backup.Manifest
	// LogFirst and LogLast bound the log that was restored; 0 where it is on a NATS
	// server of somebody else's.
	LogFirst uint64 `json:"logFirst"`
	LogLast  uint64 `json:"logLast"`
	Verified bool   `json:"verified"`
	Restored bool   `json:"restored"`
	// SetAside is the folder with what was there before, "" if nothing was.
	SetAside string `json:"setAside,omitempty"`
}

// restoredDirs are the folders of a data folder that a backup is about.
var restoredDirs = []string{"nats", "state", partConnectors, "checkpoints"}

// Restore verifies a backup, puts it together beside what is there, opens all of it,
// and compares state and log, before it touches anything. Nothing may run on the
// data folder. One that was interrupted while it moved folders is gone on with by
// the next; where that is of the same backup, it is done.
func Restore(ctx context.Context, o Options, r RestoreOptions) (out Restored, err error) {
	f, err := backup.Open(ctx, r.File)
	if err != nil {
		return out, err
	}
	if r.VerifyOnly {
		return verify(ctx, o, f)
	}
	data := o.Config.DataDir
	release, err := claim(data)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, release()) }()
	u := unfinished{Outcome: Restored{Manifest: f.Manifest}}
	if u.File, err = filepath.Abs(r.File); err != nil {
		return out, fmt.Errorf("name the backup: %w", err)
	}
	if u.Manifest, err = manifestHash(f); err != nil {
		return out, err
	}
	former, err := readUnfinished(data)
	if err != nil {
		return out, err
	}
	if former != nil && former.Aside != "" {
		if out, err = former.move(data, o.failAt); err != nil || former.Manifest == u.Manifest {
			return out, err
		}
	}
	if err := u.prepare(ctx, o, f, r.Replace); err != nil {
		return out, errors.Join(err, u.giveUp(data))
	}
	return u.move(data, o.failAt)
}

// verify does all that a restore does in a temporary folder.
func verify(ctx context.Context, o Options, f *backup.File) (out Restored, err error) {
	out.Manifest = f.Manifest
	dir, err := os.MkdirTemp("", "overstay-verify-")
	if err != nil {
		return out, fmt.Errorf("make a place to put the backup together: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	err = assemble(ctx, o, f, filepath.Join(dir, restoringDir), &out)
	out.Verified = err == nil
	return out, err
}

// claim takes a data folder for a restore alone: two at once would clear each other's
// work away.
func claim(data string) (release func() error, err error) {
	if err := usable(data); err != nil {
		return nil, err
	}
	release, err = badger.Hold(data)
	var locked *badger.LockedError
	if errors.As(err, &locked) {
		return nil, &StateError{"another restore is at work on " + data, "wait until it has ended"}
	}
	if err != nil {
		return nil, fmt.Errorf("restore into %s: %w", data, err)
	}
	return release, nil
}

// prepare does everything up to the moves.
func (u *unfinished) prepare(ctx context.Context, o Options, f *backup.File, replace bool) error {
	data := o.Config.DataDir
	// From here on nobody starts on the folder who has not started yet.
	if err := u.write(data); err != nil {
		return err
	}
	if err := vacant(data, replace); err != nil {
		return err
	}
	place := filepath.Join(data, restoringDir)
	if err := os.RemoveAll(place); err != nil { // of an attempt that was interrupted
		return fmt.Errorf("clear away an earlier attempt: %w", err)
	}
	if err := assemble(ctx, o, f, place, &u.Outcome); err != nil {
		return err
	}
	u.Outcome.Verified = true
	for _, name := range restoredDirs {
		if err := os.MkdirAll(filepath.Join(place, name), 0o700); err != nil {
			return fmt.Errorf("put the backup together: %w", err)
		}
	}
	aside, err := free(filepath.Join(data, "replaced-"+f.Taken.UTC().Format("20060102T150405Z")))
	if err != nil {
		return err
	}
	if err := o.failAt(PointRestoreAssembled); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // the moves are not worth an interruption
	}
	moving := *u
	moving.Aside = aside
	if err := moving.write(data); err != nil {
		return err
	}
	u.Aside = aside
	return nil
}

// vacant makes sure that a data folder is nobody's, and empty unless its contents
// may be set aside.
func vacant(data string, replace bool) error {
	for _, name := range restoredDirs {
		full, err := holds(filepath.Join(data, name))
		if err != nil {
			return err
		}
		if full && !replace {
			return &StateError{fmt.Sprintf("%s holds data", filepath.Join(data, name)), "--replace sets it aside, or restore into another folder with --data"}
		}
	}
	// Whoever has the state open has the folder.
	state := filepath.Join(data, "state")
	if full, err := holds(state); err != nil || !full {
		return err
	}
	s, err := badger.Open(state, badger.Options{Logger: slog.New(slog.DiscardHandler)})
	if errors.Is(err, store.ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Close()
}

// holds reports whether there is anything in a folder.
func holds(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("look into the data folder: %w", err)
	}
	return len(entries) > 0, nil
}
