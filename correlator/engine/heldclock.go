package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// watchClock tells when log time waits because the clock jumped over a restart:
// nothing can be due before somebody confirms the time, and that must be loud.
func (e *Engine) watchClock(g correlator.Glance) {
	if g.Held == 0 {
		e.held.Store(nil)
		return
	}
	if e.held.Load() == nil {
		e.cfg.Logger.Error("the clock jumped by more than a day over a restart; nothing is judged until it is confirmed",
			"clock", g.Held.Std(), "logTime", g.Now.Std(), "hint", "if the clock is right, start with --trust-clock; events of two sources at that time confirm it too")
	}
	notReady(&e.held, fmt.Sprintf("the clock says %s, %s after the last that is in the log: start with --trust-clock if it is right",
		g.Held, g.Held.Sub(g.Now).Round(time.Minute)))
}

// trustClock confirms a held clock in the log, in the operator's name, where the
// configuration says that the operator does.
func (e *Engine) trustClock(ctx context.Context) error {
	if !e.cfg.TrustClock || e.held.Load() == nil {
		return nil
	}
	now := e.cfg.Clock.Wall()
	ev, err := events.New(events.OperatorConfirmed, "overstay://engine", "clock-"+e.boot, now, "",
		&events.Mark{Selector: events.Selector{Rule: "clock"}, By: "command line", Why: "started with --trust-clock"})
	if err != nil {
		return fmt.Errorf("make the confirmation of the clock: %w", err)
	}
	entry, err := entryFor(ev)
	if err != nil {
		return err
	}
	if err := e.cfg.Log.Append(ctx, []eventlog.Entry{entry}); err != nil {
		return fmt.Errorf("append the confirmation of the clock: %w", err)
	}
	return nil
}
