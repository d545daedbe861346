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

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
)

// What the environment tells a test binary that is to be the program.
const (
	envData = "OVERSTAY_TEST_DATA" // its data folder; not empty: be the program
	envHTTP = "OVERSTAY_TEST_HTTP" // where it listens
	envFail = "OVERSTAY_TEST_FAIL" // point:n, kill yourself at the n-th passing
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envData); dir != "" {
		if err := serve(dir, os.Getenv(envHTTP), os.Getenv(envFail)); err != nil {
			fmt.Fprintln(os.Stderr, "serve:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve is `overstay serve` on a folder, until SIGTERM.
func serve(dir, address, fail string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg := config.Default()
	cfg.DataDir = dir
	cfg.HTTP.Listen, cfg.NATS.Listen = address, "127.0.0.1:0"
	point, err := failpoint(fail)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Config: cfg, Version: "test", Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)), Fail: point})
	if err != nil {
		return err
	}
	return errors.Join(a.Run(ctx), a.Close())
}

// failpoint kills this very process with SIGKILL when a point of the engine's
// loop is passed the n-th time: no deferred call, no flush, no good-bye.
func failpoint(spec string) (func(string) error, error) {
	if spec == "" {
		return nil, nil
	}
	at, turn, _ := strings.Cut(spec, ":")
	n, err := strconv.ParseInt(turn, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("failpoint %q: %w", spec, err)
	}
	var passed atomic.Int64
	return func(point string) error {
		if point != at || passed.Add(1) < n {
			return nil
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			return fmt.Errorf("kill this process: %w", err)
		}
		select {} // the signal is on its way
	}, nil
}
