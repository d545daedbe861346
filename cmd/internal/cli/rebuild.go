package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/cmd/internal/observe"
	"github.com/overstay/overstay/store/badger"
)

func rebuildCommand(s Streams) *cobra.Command {
	var place offline
	var fromLog, fromCheckpoint, replace, asJSON bool
	cmd := &cobra.Command{
		Use:     "rebuild",
		GroupID: groupMore,
		Short:   "Derive the state from the log again and compare",
		Long: `Derive the state from the log again, in a folder of its own, and say whether it is
the one that overstay serve left, and if not, in which records. Nothing is published
and nothing is written to the log. The server must not be running.

It begins with the first message of the log, or, where the log has let go of that,
with the oldest checkpoint that still reaches it. The exit code is 0 where both
are the same and 1 where they differ. They never should: keep the data folder, and
report it. --replace then puts what was derived in the place of the state; alerts
that wait for their publication stay.

A state that is lost, damaged or of another version needs no rebuild: overstay
serve makes it again by itself.`,
		Example: `  overstay rebuild --config /etc/overstay/overstay.yaml
  overstay rebuild --data overstay-data --json | jq .first
  overstay rebuild --from-checkpoint`,
		Args: noArgs("the data folder is given with --data"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if fromLog && fromCheckpoint {
				return usagef("choose one", "--from-start and --from-checkpoint exclude each other")
			}
			o, err := place.options(s)
			if err != nil {
				return err
			}
			o.Config.Memory.Govern(os.Getenv) // as the server whose machine it is on
			r := app.RebuildOptions{Replace: replace, Progress: progress(s.Err, time.Now)}
			switch {
			case fromLog:
				r.Start = app.FromLog
			case fromCheckpoint:
				r.Start = app.FromCheckpoint
			}
			ctx, release := interruptible(cmd.Context())
			defer release()
			out, err := app.Rebuild(ctx, o, r)
			if err != nil {
				return explainOffline(err)
			}
			if asJSON {
				err = writeJSON(s.Out, out)
			} else {
				err = printRebuilt(s.Out, out)
			}
			if err == nil && !out.Same {
				err = &failure{Failed, "", errTold}
			}
			return err
		},
	}
	f := cmd.Flags()
	place.addFlags(cmd)
	f.BoolVar(&fromLog, "from-start", false, "begin with the first message of the log, and fail where it is gone")
	f.BoolVar(&fromCheckpoint, "from-checkpoint", false, "begin with the oldest checkpoint that reaches the log")
	f.BoolVar(&replace, "replace", false, "where they differ, put what was derived in the place of the state")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// offline is what a command needs that works on a data folder by itself.
type offline struct{ file, data string }

func (p *offline) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "config", "", "configuration `file` (docs/configuration.md)")
	cmd.Flags().StringVar(&p.data, "data", "", "data `folder` (default "+config.DefaultDataDir+")")
}

func (p *offline) options(s Streams) (app.Options, error) {
	cfg, err := loadConfig(p.file)
	if err != nil {
		return app.Options{}, err
	}
	if err := cfg.Apply(config.Override{DataDir: p.data}); err != nil {
		return app.Options{}, err
	}
	// What the parts have to say of themselves is of interest when it is bad.
	log, err := observe.NewLogger(s.Err, observe.LogOptions{Format: cfg.Log.Format, Level: "warn"})
	return app.Options{Config: cfg, Version: ownVersions().Version, Logger: log}, err
}

// interruptible ends with the first SIGINT or SIGTERM, so that what was begun is
// cleared away. The second ends the process at once.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, release)
	return ctx, release
}

// explainOffline adds what to do to the errors of a data folder.
func explainOffline(err error) error {
	var locked *badger.LockedError
	if errors.As(err, &locked) {
		return failedf("stop overstay serve first", "%w", err)
	}
	return explainState(err)
}

// explainState adds what to do where a data folder is not as it should be.
func explainState(err error) error {
	var state *app.StateError
	if errors.As(err, &state) {
		return failedf(state.Hint, "%w", err)
	}
	return err
}

const progressEvery = 2 * time.Second

// progress tells how far long work is, every now and then.
func progress(w io.Writer, now func() time.Time) func(at, to uint64) {
	told := now()
	return func(at, to uint64) {
		if t := now(); t.Sub(told) >= progressEvery {
			told = t
			_, _ = fmt.Fprintf(w, "overstay: at position %d of %d\n", at, to) // it is a courtesy
		}
	}
}

func printRebuilt(w io.Writer, r app.Rebuilt) error {
	from := "the log's beginning"
	if r.Checkpoint != "" {
		from = "checkpoint " + r.Checkpoint
	}
	p := pagePrinter{w: w}
	p.line("derived from %s and positions %d to %d", from, r.From, r.Position)
	total := 0
	for _, k := range r.Kinds {
		total += k.Same
	}
	if r.Same {
		p.line("same: all %s", count(total, "record"))
		return p.err
	}
	p.line("different:")
	for _, k := range r.Kinds {
		if k.Changed+k.Missing+k.Extra > 0 {
			p.line("  %-24s %d same, %d changed, %d only in the state, %d only in what was derived", k.Kind, k.Same, k.Changed, k.Missing, k.Extra)
		}
	}
	p.line("the first of them:")
	for _, d := range r.First {
		p.line("  %-8s %s %s", d.How, d.Kind, d.Key)
	}
	if r.Replaced {
		p.line("the state was replaced by what was derived")
	}
	return p.err
}

// pagePrinter prints lines until one fails.
type pagePrinter struct {
	w   io.Writer
	err error
}

func (p *pagePrinter) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, harmless(fmt.Sprintf(format, args...), ""))
	}
}
