package badger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// patterns are the names of the files that Badger makes. Nothing else in the
// folder is ever touched.
var patterns = []string{"MANIFEST", "MANIFEST-REWRITE", "KEYREGISTRY", "REWRITE-KEYREGISTRY", "DISCARD", "LOCK", "*.mem", "*.sst", "*.vlog"}

func files(dir string) ([]string, error) {
	var all []string
	for _, p := range patterns {
		names, err := filepath.Glob(filepath.Join(escapeGlob(dir), p))
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", dir, err)
		}
		all = append(all, names...)
	}
	return all, nil
}

// Destroy deletes the store in dir, and only the store. It is what to do after
// store.ErrCorrupt: the state is a view of the log and is built again. When it
// is interrupted, what is left does not open.
func Destroy(dir string) error {
	switch err := checkLock(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("deleting the state in %s: %w", dir, err)
	}
	names, err := files(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("deleting the state in %s: %w", dir, err)
		}
	}
	return nil
}

// OpenFresh deletes the store in dir and opens a new one.
func OpenFresh(dir string, o Options) (*Store, error) {
	if err := Destroy(dir); err != nil {
		return nil, err
	}
	return Open(dir, o)
}

// Size is the disk space that the store takes up, in bytes.
func (s *Store) Size() (int64, error) {
	names, err := files(s.dir)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, name := range names {
		n, err := usedBytes(name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // compacted away meanwhile
		case err != nil:
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// escapeGlob makes a folder's name stand for itself in a pattern.
func escapeGlob(dir string) string {
	var out []rune
	for _, r := range dir {
		if r == '*' || r == '?' || r == '[' || r == '\\' && filepath.Separator == '/' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}
