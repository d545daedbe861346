package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/backup"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/store/badger"
)

func offline(dir string) app.Options {
	cfg := config.Default()
	cfg.DataDir = dir
	return app.Options{Config: cfg, Version: "test", Logger: slog.New(slog.DiscardHandler)}
}

// TestBackupWhileEventsFlow: of backups that are taken while events come in and are
// judged, each holds a state that is what its log says, record by record.
func TestBackupWhileEventsFlow(t *testing.T) {
	t.Parallel()
	var data string
	a := serve(t, func(c *config.Config) { data = c.DataDir })
	const people, backups = 150, 4
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for i := range people {
			before, after := overrun(fmt.Sprint("p", i))
			if err := send(a, append(before, after)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	last := uint64(0)
	for n := range backups {
		if err := a.Engine().WaitApplied(t.Context(), last+30); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "backup.tar")
		m, err := app.WriteBackup(t.Context(), offline(data), file)
		if err != nil {
			t.Fatal(err)
		}
		if m.Position.Seq <= last || len(m.Parts) < 4 {
			t.Errorf("backup %d holds %+v", n, m)
		}
		last = m.Position.Seq
		dir := filepath.Join(t.TempDir(), "restored")
		r, err := app.Restore(t.Context(), offline(dir), app.RestoreOptions{File: file})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Verified || !r.Restored || r.SetAside != "" || r.LogLast < last {
			t.Errorf("backup %d is restored as %+v", n, r)
		}
		c, err := app.Rebuild(t.Context(), offline(dir), app.RebuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !c.Same {
			t.Errorf("backup %d differs from its log: %+v", n, c.First)
		}
		t.Logf("backup %d: state at %d, log to %d", n, last, r.LogLast)
	}
	<-fed
}

// TestBackupsThatAreRefused: with nothing changed.
func TestBackupsThatAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "backup.tar")
	var state *app.StateError
	if _, err := app.WriteBackup(context.Background(), offline(filepath.Join(dir, "none")), file); !errors.As(err, &state) {
		t.Errorf("of nothing: %v", err)
	}
	if err := os.WriteFile(file, []byte("no archive at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := app.WriteBackup(context.Background(), offline(filepath.Join(dir, "none")), file); !errors.As(err, &state) {
		t.Errorf("over a file: %v", err)
	}
	var damaged *backup.DamagedError
	to := filepath.Join(dir, "data")
	if _, err := app.Restore(context.Background(), offline(to), app.RestoreOptions{File: file}); !errors.As(err, &damaged) {
		t.Errorf("of something else: %v", err)
	}
	if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the data folder was made: %v", err)
	}
}

// TestABackupThatFailsSaysWhy: of a server that has applied nothing yet, and of one
// that fails while it writes it. No file is left.
func TestABackupThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	open := func(fail func(string) error) (*app.App, app.Options) {
		o := offline(t.TempDir())
		o.Config.HTTP.Listen, o.Config.NATS.Listen = "127.0.0.1:0", "127.0.0.1:0"
		o.Fail = fail
		a, err := app.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
		return a, o
	}
	refused := func(o app.Options, want string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "backup.tar")
		if _, err := app.WriteBackup(t.Context(), o, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it says %v, not %q", err, want)
		}
		if left, err := filepath.Glob(file + "*"); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
	_, o := open(nil) // and it does not run
	refused(o, "there is no state yet")

	a, o := open(func(point string) error {
		if point == app.PointBackingUp {
			return errors.New("the disk is gone")
		}
		return nil
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	refused(o, "the server failed: the disk is gone")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestRestoredAgain: the same backup can be put in the place of what it was restored
// into before, each time with the former set aside; two at once cannot.
func TestRestoredAgain(t *testing.T) {
	t.Parallel()
	var data string
	a := serve(t, func(c *config.Config) { data = c.DataDir })
	before, _ := overrun("p")
	if err := send(a, before); err != nil {
		t.Fatal(err)
	}
	if err := a.Engine().WaitApplied(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := app.WriteBackup(t.Context(), offline(data), file); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	aside := map[string]bool{}
	for range 3 {
		r, err := app.Restore(t.Context(), offline(dir), app.RestoreOptions{File: file, Replace: true})
		if err != nil {
			t.Fatal(err)
		}
		aside[r.SetAside] = true
	}
	if len(aside) != 3 || !aside[""] {
		t.Errorf("what was there is in %v", aside)
	}
	release, err := badger.Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	var state *app.StateError
	if _, err := app.Restore(t.Context(), offline(dir), app.RestoreOptions{File: file, Replace: true}); !errors.As(err, &state) || state.Hint != "wait until it has ended" {
		t.Errorf("while another one is under way: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
