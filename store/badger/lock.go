package badger

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// LockedError means that another process has the store open.
type LockedError struct {
	Dir string
	PID int // of the holder, 0 if not known
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	if e.PID == os.Getpid() {
		who = "this process itself"
	}
	return fmt.Sprintf("%s is in use by %s; stop it, or choose another data folder", e.Dir, who)
}

// lockedError reads the holder from the file that Badger leaves for people.
func lockedError(dir string) error {
	e := &LockedError{Dir: dir}
	text, err := os.ReadFile(filepath.Join(dir, "LOCK"))
	if err != nil {
		return e // the lock counts, the name is a courtesy
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
		e.PID = pid
	}
	return e
}
