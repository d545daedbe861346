package cefile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestAFileThatIsNotThereIsToldOf: before it comes, not while it rotates, and after
// it was taken away.
func TestAFileThatIsNotThereIsToldOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	out := &ledger{}
	var told []string
	steps := []func(){
		func() { write(t, path, fixture(t)) },
		func() {},
		func() { remove(t, path) },
		func() {},
		func() {},
		func() {},
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, err := New(Config{Name: "import", Paths: []string{path}, Follow: true, Now: func() time.Time { return now },
		Wait: func(ctx context.Context, _ time.Duration) error {
			told = append(told, out.waits)
			now = now.Add(5 * time.Second)
			if len(steps) == 0 {
				stop()
				return ctx.Err()
			}
			steps[0]()
			steps = steps[1:]
			return nil
		}}, quietLog)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(ctx, nil, out); !errors.Is(err, context.Canceled) {
		t.Fatalf("Run gave %v", err)
	}
	want := []string{
		path + " is not there; nothing is claimed until it is", "", "", // never there; there
		"", "", "", path + " is not there any more; nothing is claimed until it is", // since 0, 5, 10, 15 s
	}
	if len(told) != len(want) {
		t.Fatalf("told %q", told)
	}
	for i := range want {
		if told[i] != want[i] {
			t.Errorf("after look %d it waits for %q, not %q", i, told[i], want[i])
		}
	}
	if len(out.ids) != 3 {
		t.Errorf("said %q", out.ids)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
