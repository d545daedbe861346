package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The files of a kept demo besides those that it was played with.
const (
	eventsFile = "events.jsonl"
	lateFile   = "late.jsonl"
	serveFile  = "overstay.yaml"
)

// TakenError means that a folder to keep a demo in has a file of it already.
type TakenError struct{ Dir, File string }

func (e *TakenError) Error() string {
	return fmt.Sprintf("keep the demo's files: there is a %s in %s already", e.File, e.Dir)
}

// played are the files that a demo is played with.
func played() []string {
	return []string{configFile, policyFile, teleportLog, vaultAudit, vaultServer, directoryLog}
}

// free refuses a folder that has one of the files in it that would be kept there.
func free(dir string) error {
	for _, name := range append(played(), serveFile, eventsFile, lateFile) {
		_, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case err == nil:
			return &TakenError{dir, name}
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("keep the demo's files: %w", err)
		}
	}
	return nil
}

// keep leaves the logs, the configuration and the events in a folder. It
// overwrites nothing.
func keep(from, to string, rec *recording, now time.Time) error {
	files := map[string][]byte{}
	for _, name := range played() {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return fmt.Errorf("keep the demo's files: %w", err)
		}
		files[name] = text
	}
	var err error
	if files[serveFile], err = fs.ReadFile(fixtures, "fixtures/"+serveFile); err != nil {
		return fmt.Errorf("keep the demo's files: %w", err)
	}
	if files[eventsFile], err = lines(rec.before, rec.cut, now); err != nil {
		return fmt.Errorf("keep the demo's events: %w", err)
	}
	if files[lateFile], err = lines(rec.late, rec.cut, now); err != nil {
		return fmt.Errorf("keep the demo's events: %w", err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("keep the demo's files: %w", err)
	}
	if err := free(to); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
			return fmt.Errorf("keep the demo's files: %w", err)
		}
	}
	return nil
}
