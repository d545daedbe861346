package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestAFolderThatCannotBeUsed: what cannot be done, by whom, and what to do.
func TestAFolderThatCannotBeUsed(t *testing.T) {
	uid := strconv.Itoa(os.Getuid())
	for _, c := range []struct {
		err          error
		reason, hint string
	}{
		{syscall.EACCES, "the data folder d cannot be used by the user that this runs as (uid " + uid + "): permission denied", "chown -R " + uid + " d"},
		{syscall.EPERM, "permission denied", "--data"},
		{syscall.EROFS, "read-only", "--data"},
		{syscall.ENOTDIR, "is a file", "--data"},
	} {
		var state *StateError
		err := folderError("d", &fs.PathError{Op: "mkdir", Path: "d/connectors", Err: c.err})
		if !errors.As(err, &state) || !strings.Contains(state.Reason, c.reason) || !strings.Contains(state.Hint, c.hint) {
			t.Errorf("%v: %v", c.err, err)
		}
	}
	if err := folderError("d", syscall.ENOSPC); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("no space: %v", err)
	}
}

// TestADataFolderIsMade: with nothing left of having tried to write into it.
func TestADataFolderIsMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := usable(dir); err != nil {
		t.Fatal(err)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		var state *StateError
		if err := usable(path); !errors.As(err, &state) || !strings.Contains(state.Reason, path+" cannot be a data folder") {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := readUnfinished(path); !errors.As(err, &state) {
			t.Errorf("look into %s: %v", path, err)
		}
	}
}
