package app

import (
	"context"
	"errors"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
)

// openState opens the state, or, where it fails its own check, starts an empty
// one that the engine fills again from the log.
func (a *App) openState(context.Context) error {
	dir, opts := a.dir("state"), badger.Options{Logger: a.log}
	s, err := badger.Open(dir, opts)
	if errors.Is(err, store.ErrCorrupt) {
		a.log.Error("the state failed its check and is rebuilt from the log; no alert is lost or doubled by that", "error", err)
		s, err = badger.OpenFresh(dir, opts)
	}
	if err != nil {
		return err
	}
	if have, err := s.Get([]byte("!version")); err == nil && string(have) != correlator.StateVersion {
		a.log.Warn("the state was written by another version and is rebuilt from the log", "had", string(have), "now", correlator.StateVersion)
		if err := s.Close(); err != nil {
			return err
		}
		if s, err = badger.OpenFresh(dir, opts); err != nil {
			return err
		}
	}
	a.state = s
	a.onClose("state", func(context.Context) error { return a.state.Close() })
	return nil
}

// compilePolicy makes the policy that a text in the log stands for.
func compilePolicy(text string) (*correlator.Policy, error) {
	return policy.Load("policy", []byte(text))
}

func (a *App) openEngine(context.Context) error {
	var err error
	a.engine, err = engine.New(engine.Config{
		Log: a.streams.Events(), Alerts: a.streams.Alerts(), Quarantine: a.streams.Quarantine(), Store: a.state,
		Policy: string(a.cfg.Policy.Text), Compile: compilePolicy, Clock: a.opts.Clock, Logger: a.log,
		Metrics: a.telemetry.Metrics, Tracer: tracer{a.telemetry.Tracing}, Manual: a.opts.Manual, TrustClock: a.opts.TrustClock, Fail: a.opts.Fail,
	})
	return err
}
