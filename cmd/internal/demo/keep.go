package demo

import (
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

// keep leaves the logs, the configuration and the events in a folder. It
// overwrites nothing.
func keep(from, to string, rec *recording, now time.Time) error {
	files := map[string][]byte{}
	for _, name := range []string{configFile, policyFile, teleportLog, vaultAudit, vaultServer, directoryLog} {
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
	for name := range files {
		if _, err := os.Lstat(filepath.Join(to, name)); err == nil {
			return fmt.Errorf("keep the demo's files: there is a %s in %s already", name, to)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
			return fmt.Errorf("keep the demo's files: %w", err)
		}
	}
	return nil
}
