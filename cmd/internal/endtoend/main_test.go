package endtoend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator/engine"
)

// What the environment tells a test binary that is to be the program.
const (
	envData        = "OVERSTAY_TEST_DATA"        // its data folder; not empty: be the program
	envHTTP        = "OVERSTAY_TEST_HTTP"        // where it listens
	envCheckpoints = "OVERSTAY_TEST_CHECKPOINTS" // not empty: take them all the time
	envFail        = "OVERSTAY_TEST_FAIL"        // point:n, kill yourself at the n-th passing; slow:point, take your time there
	envRestore     = "OVERSTAY_TEST_RESTORE"     // a backup: restore it into the folder, in the place of what is there
	envSIEM        = "OVERSTAY_TEST_SIEM"        // not empty: small streams, and a consumer for a SIEM with this token
)

func TestMain(m *testing.M) {
	dir, file := os.Getenv(envData), os.Getenv(envRestore)
	var err error
	what := "serve"
	switch {
	case dir == "":
		os.Exit(m.Run())
	case file != "":
		what = "restore"
		err = restore(dir, file, os.Getenv(envFail))
	default:
		err = serve(dir, os.Getenv(envHTTP), os.Getenv(envFail))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, what+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// diesAt is said by a process that ends at a failpoint.
const diesAt = "the end has come at "

// serve is `overstay serve` on a folder, until SIGTERM.
func serve(dir, address, fail string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg := config.Default()
	cfg.DataDir = dir
	cfg.HTTP.Listen, cfg.NATS.Listen = address, "127.0.0.1:0"
	if os.Getenv(envSIEM) != "" {
		cfg.NATS.Events.MaxBytes, cfg.NATS.Alerts.MaxBytes, cfg.NATS.Durables = smallEvents, smallAlerts, []string{siem}
		cfg.NATS.Subscriber = &config.Credentials{Token: secret.Reference{Env: envSIEM}}
	}
	point, err := failpoint(fail)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Config: cfg, Version: "test", Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)), Fail: point})
	if err != nil {
		return err
	}
	if os.Getenv(envCheckpoints) != "" {
		go takeCheckpoints(ctx, a.Engine())
	}
	return errors.Join(a.Run(ctx), a.Close())
}

// restore is `overstay restore --replace` on a folder, until SIGINT.
func restore(dir, file, fail string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	point, err := failpoint(fail)
	if err != nil {
		return err
	}
	o := onFolder(dir)
	o.Fail = point
	_, err = app.Restore(ctx, o, app.RestoreOptions{File: file, Replace: true})
	return err
}

// onFolder are the options of what works on a folder by itself.
func onFolder(dir string) app.Options {
	cfg := config.Default()
	cfg.DataDir = dir
	cfg.HTTP.Listen, cfg.NATS.Listen = "127.0.0.1:0", "127.0.0.1:0"
	return app.Options{Config: cfg, Version: "test", Logger: slog.New(slog.DiscardHandler)}
}

// takeCheckpoints takes one after the other: what happens once a day must happen
// in lives of a second.
func takeCheckpoints(ctx context.Context, e *engine.Engine) {
	for ctx.Err() == nil {
		if _, err := e.Checkpoint(ctx); err != nil {
			slog.Debug("no checkpoint", "error", err) // nothing is applied yet
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// slowness is what a slow disk adds to passing a point.
const slowness = 700 * time.Millisecond

// failpoint kills this very process with SIGKILL when a point of the engine's
// loop is passed the n-th time: no deferred call, no flush, no good-bye.
func failpoint(spec string) (func(string) error, error) {
	if spec == "" {
		return nil, nil
	}
	at, turn, _ := strings.Cut(spec, ":")
	if at == "slow" {
		return func(point string) error {
			if point == turn {
				time.Sleep(slowness)
			}
			return nil
		}, nil
	}
	n, err := strconv.ParseInt(turn, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("failpoint %q: %w", spec, err)
	}
	var passed atomic.Int64
	return func(point string) error {
		if point != at || passed.Add(1) < n {
			return nil
		}
		fmt.Fprintln(os.Stderr, diesAt+point)
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			return fmt.Errorf("kill this process: %w", err)
		}
		select {} // the signal is on its way
	}, nil
}
