package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/observe"
	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/httppush"
	"github.com/overstay/overstay/connectors/runner"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// Options say how to run.
type Options struct {
	Config  *config.Config
	Version string
	Logger  *slog.Logger
	// Clock is the machine's when nil.
	Clock engine.Clock
	// TrustClock confirms the clock after a jump of more than a day.
	TrustClock bool
	// Manual leaves ticking to the caller, for demonstrations and tests.
	Manual bool
	// Fail is asked at each of the [Points], for tests of crashes.
	Fail func(point string) error
	// Wait makes what passes time between a connector's looks at a quiet file;
	// nil is the real thing.
	Wait func(config.Connector) func(context.Context, time.Duration) error
}

// App is the running program.
type App struct {
	opts    Options
	cfg     *config.Config
	log     *slog.Logger
	closers []closer

	telemetry *observe.Telemetry
	server    *jetstream.Server // nil with an existing server
	conn      *nats.Conn
	streams   *jetstream.Streams
	state     *badger.Store

	checkpoints *checkpoint.Folder
	engine      *engine.Engine
	gateway     *httppush.Gateway
	http        *httppush.Server
	listener    net.Listener
	sources     []connectors.Source
	runners     []*runner.Runner
	started     time.Time
	stopBy      *deadline // set once Run has been told to stop
}

type closer struct {
	name  string
	close func(context.Context) error
}

// Open makes every part. After an error nothing is left open.
func Open(ctx context.Context, o Options) (*App, error) {
	if o.Clock == nil {
		o.Clock = engine.NewSystemClock()
	}
	a := &App{opts: o, cfg: o.Config, log: o.Logger, started: o.Clock.Wall()}
	for _, stage := range []struct {
		name string
		open func(context.Context) error
	}{
		{"data folder", a.openData},
		{"telemetry", a.openTelemetry},
		// The state's lock keeps a second process off the folder before its NATS
		// server could write into the first one's files.
		{"state", a.openState},
		{"NATS", a.openNATS},
		{"engine", a.openEngine},
		{"HTTP", a.openHTTP},
		{"connectors", a.openConnectors},
		{"admin socket", a.openAdmin},
	} {
		if err := stage.open(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("start %s: %w", stage.name, err), a.Close())
		}
	}
	return a, nil
}

// onClose registers what undoes a stage.
func (a *App) onClose(name string, f func(context.Context) error) {
	a.closers = append(a.closers, closer{name, f})
}

// Close undoes the stages in reverse and reports every failure. It takes what Run
// has left of the time for a stop.
func (a *App) Close() error {
	by := newDeadline()
	if a.stopBy != nil {
		by = *a.stopBy
	}
	ctx, cancel := by.within(0, 0)
	defer cancel()
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i].close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", a.closers[i].name, err))
		}
	}
	a.closers = nil
	return errors.Join(errs...)
}

// ImportedFile is what a data folder holds that a past was imported into. It is
// looked back on and does not go on.
const ImportedFile = "archive.zst"

func (a *App) openData(context.Context) error {
	if err := usable(a.cfg.DataDir); err != nil {
		return err
	}
	if err := whole(a.cfg.DataDir); err != nil {
		return err
	}
	if _, err := os.Stat(a.dir(ImportedFile)); err == nil {
		return fmt.Errorf("the data folder %s holds an imported archive, which is for review: choose another folder", a.cfg.DataDir)
	}
	if err := os.MkdirAll(a.dir("connectors"), 0o700); err != nil {
		return folderError(a.dir("connectors"), fmt.Errorf("make the data folder: %w", err))
	}
	return nil
}

func (a *App) dir(name string) string { return filepath.Join(a.cfg.DataDir, name) }

func (a *App) openTelemetry(ctx context.Context) error {
	t, err := observe.Start(ctx, observe.Options{Version: a.opts.Version, OTLP: a.cfg.Telemetry.OTLP, Sample: a.cfg.Telemetry.Sample, Log: a.log})
	if err != nil {
		return err
	}
	a.telemetry = t
	a.onClose("telemetry", t.Shutdown)
	return nil
}

// Run works until ctx ends and then drains: intake stops first, what was taken
// in is applied and published. That and Close share one deadline. An error means
// that a part gave up; the process should end and be started again.
func (a *App) Run(ctx context.Context) error {
	intakeCtx, stopIntake := context.WithCancel(ctx)
	defer stopIntake()
	engineCtx, stopEngine := context.WithCancel(context.Background())
	defer stopEngine()

	failed := make(chan error, len(a.runners)+3)
	var intake, core sync.WaitGroup
	core.Go(func() {
		if err := a.engine.Run(engineCtx); err != nil {
			failed <- err
		}
	})
	intake.Go(func() {
		err := a.http.Serve(intakeCtx, a.listener)
		switch {
		case err == nil:
		case intakeCtx.Err() != nil:
			a.log.Warn("requests were cut off by the stop; their clients have no answer and send them again", "error", err)
		default:
			failed <- fmt.Errorf("serve HTTP: %w", err)
		}
	})
	for _, r := range a.runners {
		intake.Go(func() {
			if err := r.Run(intakeCtx); err != nil && intakeCtx.Err() == nil {
				a.log.Error("a connector has given up", "source", r.Snapshot().URI, "error", err)
			}
		})
	}
	intake.Go(func() { a.reportCoverage(intakeCtx) })

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	by := newDeadline()
	a.stopBy = &by
	stopIntake()
	intake.Wait()
	if err == nil {
		a.applyRest(by)
	}
	publishing, cancel := by.within(closeKeep, 0)
	defer cancel()
	a.engine.DrainUntil(publishing)
	stopEngine()
	core.Wait()
	return err
}

// applyRest lets the engine apply what was acknowledged before the stop.
func (a *App) applyRest(by deadline) {
	ctx, cancel := by.within(publishKeep+closeKeep, applyWithin)
	defer cancel()
	st, err := a.streams.Events().State(ctx)
	if err == nil {
		err = a.engine.WaitApplied(ctx, st.Last)
	}
	if err != nil {
		a.log.Warn("the rest of the log is applied at the next start", "error", err)
	}
}
