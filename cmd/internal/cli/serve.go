package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/memory"
	"github.com/overstay/overstay/cmd/internal/observe"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// drainLimit bounds everything between the signal and the end.
const drainLimit = 10 * time.Second

func serveCommand(s Streams) *cobra.Command {
	var file string
	var flags config.Override
	var trustClock bool
	cmd := &cobra.Command{
		Use:     "serve",
		GroupID: groupRun,
		Short:   "Take events in and publish alerts",
		Long: `Take events in and publish alerts, until SIGTERM or SIGINT.

Without a configuration it listens on this machine only, brings its own NATS
server, keeps its data in ` + config.DefaultDataDir + ` and judges by the default policy.
It does not listen where other machines reach it unless authentication is
configured. Flags win over the file.

After more than a day without it, it does not believe the machine's clock at
once, since a wrong clock would call every window over: nothing is judged until
events of two sources agree with it, or it is started with --trust-clock.

The first signal drains: nothing new is taken in, and what was taken in is
judged and published, within ` + drainLimit.String() + `. The second ends the process at once; what
was acknowledged is in the log and is judged after the next start.`,
		Example: `  overstay serve
  overstay serve --config /etc/overstay/overstay.yaml
  overstay serve --data /tmp/try --http-listen 127.0.0.1:0 --nats-listen 127.0.0.1:0`,
		Args: noArgs("a configuration is given with --config"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(file)
			if err != nil {
				return err
			}
			if err := cfg.Apply(flags); err != nil {
				return err
			}
			return serve(cmd.Context(), s, file, cfg, trustClock)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration `file` (docs/configuration.md)")
	f.StringVar(&flags.DataDir, "data", "", "data `folder` (default "+config.DefaultDataDir+")")
	f.StringVar(&flags.HTTPListen, "http-listen", "", "`address` for events (default "+config.DefaultHTTPListen+"; port 0 takes a free one)")
	f.StringVar(&flags.Memory, "memory", "", "what the process may keep in memory, a `size` (default "+memory.Default.String()+")")
	f.BoolVar(&trustClock, "trust-clock", false, "the machine's clock is right, although it jumped by more than a day since the last run")
	f.StringVar(&flags.NATSListen, "nats-listen", "", "`address` of the embedded NATS server (default "+config.DefaultNATSListen+")")
	return cmd
}

// govern has the Go runtime keep the budget, and says what follows from it.
func govern(b memory.Budget, log *slog.Logger) {
	c := b.Govern(os.Getenv)
	log.Info("memory follows its budget", "budget", b.String(), "limit", strictyaml.Bytes(c.Limit), "gcPercent", c.Percent, "records", b.Records(), "environment", strings.Join(c.Environment, " "))
}

func loadConfig(file string) (*config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	cfg, err := config.Load(file)
	if err != nil {
		return nil, failedf("overstay check --config "+file+" shows the same", "the configuration cannot be used:\n%w", err)
	}
	return cfg, nil
}

func serve(ctx context.Context, s Streams, file string, cfg *config.Config, trustClock bool) error {
	log, err := observe.NewLogger(s.Err, observe.LogOptions{Format: cfg.Log.Format, Level: cfg.Log.Level})
	if err != nil {
		return err
	}
	govern(cfg.Memory, log)
	ctx, release := interruptible(ctx)
	defer release()

	a, err := app.Open(ctx, app.Options{Config: cfg, Version: ownVersions().Version, Logger: log, TrustClock: trustClock})
	if err != nil {
		if ctx.Err() != nil {
			return nil // told to stop before it had begun
		}
		return explainState(err)
	}
	if err := announce(s, file, cfg, a); err != nil {
		return errors.Join(err, a.Close())
	}
	ended := make(chan error, 1)
	go func() {
		err := a.Run(ctx)
		ended <- errors.Join(err, removeEndpoints(cfg.DataDir), a.Close())
	}()
	return drained(ctx, log, ended)
}

// drained waits for the end; from the signal on it does not wait for ever.
func drained(ctx context.Context, log *slog.Logger, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("draining: what was taken in is judged and published", "limit", drainLimit.String())
	limit := time.NewTimer(drainLimit)
	defer limit.Stop()
	select {
	case err := <-ended:
		return err
	case <-limit.C:
		return failedf("nothing that was acknowledged is lost: the next start goes on from there", "draining took longer than %s", drainLimit)
	}
}
