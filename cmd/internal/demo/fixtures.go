package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

//go:embed fixtures
var fixtures embed.FS

// The files of the fixtures. The logs grow as the story goes on.
const (
	configFile   = "demo.yaml"
	policyFile   = "policy.yaml"
	teleportLog  = "teleport.log"
	vaultAudit   = "vault-audit.log"
	vaultServer  = "vault-server.log"
	directoryLog = "ldap.jsonl"
)

// logFile is one log of the story: its lines, and how many are written.
type logFile struct {
	path    string
	lines   []logLine
	written int
}

type logLine struct {
	at   time.Time
	text []byte
}

// lay puts the configuration into dir, and every log as an empty file.
func lay(dir string) (map[string]*logFile, error) {
	for _, name := range []string{configFile, policyFile} {
		text, err := fixtures.ReadFile("fixtures/" + name)
		if err != nil {
			return nil, fmt.Errorf("read the demo's %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, fmt.Errorf("write the demo's configuration: %w", err)
		}
	}
	logs := map[string]*logFile{}
	for _, name := range []string{teleportLog, vaultAudit, vaultServer, directoryLog} {
		f, err := openLog(dir, name)
		if err != nil {
			return nil, err
		}
		logs[name] = f
	}
	return logs, nil
}

func openLog(dir, name string) (*logFile, error) {
	text, err := fixtures.ReadFile("fixtures/" + name)
	if err != nil {
		return nil, fmt.Errorf("read the demo's %s: %w", name, err)
	}
	f := &logFile{path: filepath.Join(dir, name)}
	for line := range bytes.Lines(text) {
		at, err := lineTime(line)
		if err != nil {
			return nil, fmt.Errorf("read the demo's %s: %w", name, err)
		}
		f.lines = append(f.lines, logLine{at, line})
	}
	if err := os.WriteFile(f.path, nil, 0o600); err != nil {
		return nil, fmt.Errorf("begin the demo's log: %w", err)
	}
	return f, nil
}

// lineTimes find the time of a line: a member of a JSON object, or what Vault's
// server log begins with.
var lineTimes = regexp.MustCompile(`(?:"time":"|^)(\d{4}-\d\d-\d\dT[0-9:.]+Z)`)

func lineTime(line []byte) (time.Time, error) {
	m := lineTimes.FindSubmatch(line)
	if m == nil {
		return time.Time{}, fmt.Errorf("no time in %.80q", line)
	}
	return time.Parse(time.RFC3339Nano, string(m[1]))
}

// writeUntil appends the lines that the system has written by a time.
func (f *logFile) writeUntil(now time.Time) error {
	var due []byte
	n := f.written
	for ; n < len(f.lines) && !f.lines[n].at.After(now); n++ {
		due = append(due, f.lines[n].text...)
	}
	f.written = n
	return f.write(due)
}

func (f *logFile) write(text []byte) (err error) {
	if len(text) == 0 {
		return nil
	}
	out, err := os.OpenFile(f.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write a log of the demo: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("write a log of the demo: %w", err)
	}
	return nil
}
