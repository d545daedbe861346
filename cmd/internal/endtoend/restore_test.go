package endtoend

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
)

// TestKilledInARestore: a restore that is killed leaves a folder on which nothing
// else works, and which does not look like a new one. Another restore finishes it:
// with the whole backup in its place, and with everything that was there set aside.
func TestKilledInARestore(t *testing.T) {
	t.Parallel()
	first, file := backedUp(t)
	type death struct {
		point string
		full  bool // the folder holds data
	}
	deaths := []death{{app.PointRestoreAssembled + ":1", false}, {app.PointRestoreAssembled + ":1", true}}
	for n := range 4 { // folders
		deaths = append(deaths, death{fmt.Sprintf("%s:%d", app.PointRestoreMoving, n+1), true})
	}
	for _, d := range deaths {
		t.Run(fmt.Sprintf("%s,full=%t", d.point, d.full), func(t *testing.T) {
			p := newProgram(t)
			var was []string
			if d.full {
				if err := os.CopyFS(p.dir, os.DirFS(first)); err != nil {
					t.Fatal(err)
				}
				mark(t, p.dir)
				was = marked(t, p.dir)
			}
			life := p.start(t, d.point, envRestore+"="+file)
			<-life.done
			if !life.killed() {
				t.Fatalf("it ended by itself: %v\n%s", life.err, p.said())
			}
			o := onFolder(p.dir)
			var state *app.StateError
			if _, err := app.Open(t.Context(), o); !errors.As(err, &state) || !strings.Contains(state.Reason, "was interrupted") {
				t.Errorf("a server starts on it: %v", err)
			}
			if _, err := app.Rebuild(t.Context(), o, app.RebuildOptions{}); !errors.As(err, &state) {
				t.Errorf("it is rebuilt: %v", err)
			}
			r, err := app.Restore(t.Context(), o, app.RestoreOptions{File: file, Replace: true})
			if err != nil || !r.Verified || !r.Restored || r.LogLast == 0 {
				t.Fatalf("restored again: %+v, %v", r, err)
			}
			if (r.SetAside != "") != d.full {
				t.Errorf("set aside in %q", r.SetAside)
			}
			if d.full && !slices.Equal(marked(t, r.SetAside), was) {
				t.Errorf("of %v, %v is set aside", was, marked(t, r.SetAside))
			}
			if c, err := app.Rebuild(t.Context(), o, app.RebuildOptions{}); err != nil || !c.Same {
				t.Errorf("the state is not what the log says: %+v, %v", c.First, err)
			}
			left, err := filepath.Glob(filepath.Join(p.dir, "rest*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// backedUp is a data folder of a server that has stopped, and a backup of it.
func backedUp(t *testing.T) (dir, file string) {
	t.Helper()
	p := newProgram(t)
	f := &feeder{program: p, stored: map[string]bool{}}
	life := p.start(t, "")
	f.tellAtOnce(t, time.Now().UTC().Truncate(time.Second).Add(-4*time.Hour), 0, 3)
	mustEnd(t, p, life)
	file = filepath.Join(t.TempDir(), "backup.tar")
	if _, err := app.WriteBackup(t.Context(), onFolder(p.dir), file); err != nil {
		t.Fatal(err)
	}
	return p.dir, file
}

// dataDirs are the parts of a data folder that a restore replaces.
var dataDirs = []string{"nats", "state", "connectors", "checkpoints"}

// mark puts a file into each part of a data folder.
func mark(t *testing.T, dir string) {
	t.Helper()
	for _, name := range dataDirs {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "was-there"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// marked are the marked parts of a folder.
func marked(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, name := range dataDirs {
		_, err := os.Stat(filepath.Join(dir, name, "was-there"))
		if err == nil {
			out = append(out, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return out
}
