package sim

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/eventlog/memory"
	storememory "github.com/overstay/overstay/store/memory"
)

// undisturbed is what an engine makes of a log when nothing goes wrong.
type undisturbed struct {
	alerts *memory.Alerts
	store  *storememory.Store
}

// reference runs an engine over a log, whole and once.
func (w *World) reference(t *testing.T, log *memory.Log) undisturbed {
	at := func() time.Time { return began }
	u := undisturbed{alerts: memory.NewAlerts(memory.Options{Now: at}), store: storememory.New()}
	e, err := engine.New(w.seams.core(engine.Config{
		Log: log, Alerts: u.alerts, Quarantine: memory.NewQuarantine(memory.Options{Now: at}), Store: u.store,
		Compile: w.opts.Compile, Clock: engine.NewSystemClock(), Logger: slog.New(slog.DiscardHandler), Metrics: deaf{}, Manual: true,
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	synctest.Wait()
	st, err := log.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if e.Applied() != st.Last {
		w.violate("the undisturbed engine stands at %d of %d", e.Applied(), st.Last)
	}
	stop()
	if err := <-ended; err != nil {
		w.violate("the undisturbed engine ends: %v", err)
	}
	return u
}
