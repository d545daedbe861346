package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/overstay/overstay/cmd/internal/backup"
	"github.com/overstay/overstay/cmd/internal/wholefile"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/sections"
)

// A restore that is under way, or was ended by a kill or a power failure, has these
// in the data folder. While the file is there nothing else works on the folder:
// what it holds may be neither what was there nor what is restored.
const (
	unfinishedFile = "restore-unfinished.json"
	restoringDir   = "restoring" // where the backup is put together
)

// unfinished is what a restore says of itself.
type unfinished struct {
	// File is the backup, as it was named, and Manifest the hash of its list of parts.
	File     string `json:"file"`
	Manifest string `json:"manifest"`
	// Aside is where what was there is set aside: not "" once everything is put
	// together and verified. From then on only the moves are left to do, and whoever
	// comes next can do them; before it, nothing that was there has been touched.
	Aside string `json:"aside,omitempty"`
	// Outcome is what the restore will have come to.
	Outcome Restored `json:"outcome"`
}

// manifestHash tells backups apart.
func manifestHash(f *backup.File) (string, error) {
	text, err := json.Marshal(f.Manifest)
	if err != nil {
		return "", fmt.Errorf("name a backup: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// readUnfinished is what an unfinished restore of a data folder has left; nil for
// none.
func readUnfinished(data string) (*unfinished, error) {
	path := filepath.Join(data, unfinishedFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, folderError(data, fmt.Errorf("look for an unfinished restore: %w", err))
	}
	var u unfinished
	if err := json.Unmarshal(text, &u); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &u, nil
}

func (u unfinished) write(data string) error {
	text, err := json.MarshalIndent(u, "", "  ")
	if err != nil {
		return fmt.Errorf("note that a restore is under way: %w", err)
	}
	return wholefile.Write(filepath.Join(data, unfinishedFile), append(text, '\n'))
}

// giveUp takes away what a restore has made that has not begun to move.
func (u unfinished) giveUp(data string) error {
	err := os.RemoveAll(filepath.Join(data, restoringDir))
	return errors.Join(err, os.Remove(filepath.Join(data, unfinishedFile)))
}

// move sets aside what is there and moves in what was put together: folder by folder,
// so that one that is still in its place among the latter is one that is yet to do.
// After an error or a kill it can be called again.
func (u unfinished) move(data string, fail func(string) error) (Restored, error) {
	out := u.Outcome
	for _, name := range restoredDirs {
		fresh, old := filepath.Join(data, restoringDir, name), filepath.Join(data, name)
		if _, err := os.Lstat(fresh); errors.Is(err, fs.ErrNotExist) {
			continue // it is moved in already
		}
		if err := setAside(old, filepath.Join(u.Aside, name)); err != nil {
			return out, err
		}
		if err := fail(PointRestoreMoving); err != nil {
			return out, err
		}
		if err := os.Rename(fresh, old); err != nil {
			return out, fmt.Errorf("move in %s: %w", name, err)
		}
		if err := sections.SyncDir(data); err != nil {
			return out, err
		}
	}
	if _, err := os.Lstat(u.Aside); err == nil {
		out.SetAside = u.Aside
	}
	out.Restored = true
	return out, u.giveUp(data)
}

// setAside moves a folder away if there is anything in it.
func setAside(old, to string) error {
	full, err := holds(old)
	if err != nil {
		return err
	}
	if !full {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make room for %s: %w", old, err)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("make a place for what is replaced: %w", err)
	}
	if err := os.Rename(old, to); err != nil {
		return fmt.Errorf("set aside %s: %w", old, err)
	}
	return sections.SyncDir(filepath.Dir(to))
}

// free is a path that nothing is at: the same backup may be restored again.
func free(path string) (string, error) {
	out := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(out); errors.Is(err, fs.ErrNotExist) {
			return out, nil
		} else if err != nil {
			return "", fmt.Errorf("look for a place for what is replaced: %w", err)
		}
		out = fmt.Sprintf("%s-%d", path, n)
	}
}

// whole refuses a data folder that a restore is at work on, or has left halfway.
func whole(data string) error {
	u, err := readUnfinished(data)
	if err != nil || u == nil {
		return err
	}
	release, err := badger.Hold(data)
	var locked *badger.LockedError
	if errors.As(err, &locked) {
		return &StateError{"a restore is at work on " + data, "wait until it has ended"}
	}
	if err != nil {
		return err
	}
	hint := fmt.Sprintf("overstay restore --replace %s finishes it", u.File)
	if u.Aside == "" {
		hint += fmt.Sprintf("; nothing that was there has been touched, and without %s it is gone on with", filepath.Join(data, unfinishedFile))
	}
	return errors.Join(&StateError{fmt.Sprintf("a restore of %s into %s was interrupted", u.File, data), hint}, release())
}
