package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// usable makes a data folder where there is none, and refuses one that this process
// cannot keep anything in: each part would say so in its own words, from the middle of
// its own work.
func usable(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = tryWriting(dir)
	}
	if err != nil {
		return folderError(dir, fmt.Errorf("make the data folder: %w", err))
	}
	return nil
}

// tryWriting makes a file and takes it away: permissions alone do not say whether one
// may, on a file system that is read-only or of another machine.
func tryWriting(dir string) error {
	f, err := os.CreateTemp(dir, ".writable-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// folderError says what to do where a data folder cannot be used for what it is, or by
// who runs this; every other error as it is.
func folderError(dir string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		uid := os.Getuid()
		return &StateError{
			fmt.Sprintf("the data folder %s cannot be used by the user that this runs as (uid %d): %v", dir, uid, fs.ErrPermission),
			fmt.Sprintf("give it to that user (chown -R %d %s), run this as its owner, or name another folder with --data", uid, dir),
		}
	case errors.Is(err, syscall.EROFS):
		return &StateError{fmt.Sprintf("the data folder %s is on a file system that is read-only", dir), "name another folder with --data"}
	case errors.Is(err, syscall.ENOTDIR):
		return &StateError{fmt.Sprintf("%s cannot be a data folder: it, or a part of its path, is a file", dir), "name another folder with --data"}
	}
	return err
}
