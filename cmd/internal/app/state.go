package app

import (
	"context"
	"errors"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/checkpoint"
)

// openState opens the state, or, where it cannot be gone on from, starts an empty
// one that the engine fills again from a checkpoint and the log.
func (a *App) openState(context.Context) error {
	dir, opts := a.dir("state"), badger.Options{Logger: a.log}
	s, err := badger.Open(dir, opts)
	if err == nil {
		if err = engine.CheckState(s); err != nil {
			err = errors.Join(err, s.Close())
		}
	}
	var outdated *engine.OutdatedError
	switch {
	case errors.Is(err, store.ErrCorrupt):
		a.log.Error("the state failed its check and is made again; no alert is lost or doubled by that", "error", err)
		s, err = badger.OpenFresh(dir, opts)
	case errors.As(err, &outdated):
		a.log.Warn("the state cannot be gone on from and is made again", "reason", outdated.Reason)
		s, err = badger.OpenFresh(dir, opts)
	}
	if err != nil {
		return err
	}
	a.state = s
	a.onClose("state", func(context.Context) error { return a.state.Close() })
	// A restore that began in the meantime finds that the state is taken, or is found.
	if err := whole(a.cfg.DataDir); err != nil {
		return err
	}
	if a.checkpoints, err = checkpoint.OpenFolder(a.dir("checkpoints")); err != nil {
		return err
	}
	return a.fail(PointStateOpened)
}

// compilePolicy makes the policy that a text in the log stands for.
func compilePolicy(text string) (*correlator.Policy, error) {
	return policy.Load("policy", []byte(text))
}

func (a *App) openEngine(context.Context) error {
	var err error
	a.engine, err = engine.New(engine.Config{
		Log: a.streams.Events(), Alerts: a.streams.Alerts(), Quarantine: a.streams.Quarantine(), Published: a.streams.AlertsReader(), Store: a.state,
		Policy: string(a.cfg.Policy.Text), Compile: compilePolicy, Clock: a.opts.Clock, Logger: a.log,
		Metrics: a.telemetry.Metrics, Tracer: tracer{a.telemetry.Tracing}, Manual: a.opts.Manual, TrustClock: a.opts.TrustClock, Fail: a.opts.Fail,
		Checkpoints: a.checkpoints, CheckpointEvery: a.cfg.Checkpoints.Every, CheckpointKeep: a.cfg.Checkpoints.Keep, KeepRecords: a.cfg.Memory.Records(),
	})
	return err
}
