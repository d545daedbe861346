package wholefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/overstay/overstay/store/sections"
)

// Write puts text in the place of the file at path, and returns once that is on the
// disk. A file that is there keeps its mode, and a link to one stays a link; a new
// one is its owner's alone. After an error the former text is there.
func Write(path string, text []byte) error {
	mode := fs.FileMode(0o600)
	target, err := filepath.EvalSymlinks(path)
	switch {
	case err == nil:
		status, err := os.Stat(target)
		if err != nil {
			return fmt.Errorf("replace %s: %w", path, err)
		}
		mode = status.Mode().Perm()
	case errors.Is(err, fs.ErrNotExist):
		target = path
	default:
		return fmt.Errorf("replace %s: %w", path, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.new")
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Chmod(mode)
	}
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		return fmt.Errorf("replace %s: %w", path, errors.Join(err, os.Remove(temp.Name())))
	}
	return sections.SyncDir(filepath.Dir(target))
}
