package app_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
)

// TestInterrupted: who interrupts a rebuild or a restore finds the data folder as it
// was before, and can do it again, or go on with the server.
func TestInterrupted(t *testing.T) {
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
	file, dir := filepath.Join(t.TempDir(), "backup.tar"), t.TempDir()
	if _, err := app.WriteBackup(t.Context(), offline(data), file); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Restore(t.Context(), offline(dir), app.RestoreOptions{File: file}); err != nil {
		t.Fatal(err)
	}
	interrupted := func(what string, do func(ctx context.Context, interrupt func()) error) {
		t.Helper()
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		if err := do(ctx, interrupt); !errors.Is(err, context.Canceled) {
			t.Errorf("a %s that is interrupted ends with %v", what, err)
		}
		for _, left := range []string{"rebuild*", "rest*", "replaced*"} {
			if there, err := filepath.Glob(filepath.Join(dir, left)); err != nil || len(there) > 0 {
				t.Errorf("a %s that is interrupted leaves %v, %v", what, there, err)
			}
		}
		if r, err := app.Rebuild(t.Context(), offline(dir), app.RebuildOptions{}); err != nil || !r.Same {
			t.Errorf("after an interrupted %s: %+v, %v", what, r, err)
		}
	}
	interrupted("rebuild", func(ctx context.Context, interrupt func()) error {
		_, err := app.Rebuild(ctx, offline(dir), app.RebuildOptions{Progress: func(uint64, uint64) { interrupt() }})
		return err
	})
	interrupted("restore", func(ctx context.Context, interrupt func()) error {
		o := offline(dir)
		o.Fail = func(point string) error {
			if point == app.PointRestoreAssembled {
				interrupt()
			}
			return nil
		}
		_, err := app.Restore(ctx, o, app.RestoreOptions{File: file, Replace: true})
		return err
	})
	o := offline(dir)
	o.Config.HTTP.Listen, o.Config.NATS.Listen = "127.0.0.1:0", "127.0.0.1:0"
	again, err := app.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
