package engine_test

import (
	"context"
	"testing"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
)

// TestWhoIsBehindStopsToo: an engine that has a long log before it ends when it is told
// to, after the batch that it has in hand, and the next start goes on from there.
func TestWhoIsBehindStopsToo(t *testing.T) {
	w := newWorld()
	w.append(t, overstayed(t)...)
	cfg := w.config()
	cfg.BatchMessages = 1
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	cfg.Watch = func(m correlator.Message, _ correlator.Result, _ *correlator.View) {
		if m.Origin.Seq == 2 {
			stop()
		}
	}
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if at, last := e.Applied(), w.last(t); at != 2 || last < 5 {
		t.Errorf("it ended at position %d of %d, not at 2", at, last)
	}
	cfg.Watch = nil
	if err := w.play(t, cfg); err != nil {
		t.Fatal(err)
	}
}
