package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/bench"
	"github.com/overstay/overstay/cmd/internal/memory"
)

type benchFlags struct {
	parts        []string
	events, open int
	memory       string
	seed         uint64
	dir          string
	profiles     string
	json         bool
}

func benchCommand(s Streams) *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:     "bench",
		GroupID: groupMore,
		Short:   "Measure how fast it is on this machine",
		Long: `Measure how fast Overstay is on this machine: a company's log, made up from a seed,
goes through the NATS server, the store and the engine that serve runs, in a
temporary folder that is removed. Each figure stands beside what the machine gives
without Overstay in the same run, and beside what it is to reach.

  live         events applied and committed, against an empty handler's reading
  replay       the same log from an archive; it must tell the same, byte for byte
  memory       many open accesses: resident memory, and whether events grow dearer
  restart      from the start, on these, to the first alert
  timers       all of these come due in one second, while events go on arriving
  latency      from when an alert was due until it can be read, on a busy log
  hot-subject  an event of one account with 100,000 open leases, against others'
  growth       the same events with 100,000 accesses open and with ten times as many,
               up to --open, and a state through which months pass; only where it is
               asked for

The targets are for the default sizes. Nothing else should run meanwhile, and a data
folder of a running server is not touched.`,
		Example: `  overstay bench                                     # all of it; takes minutes
  overstay bench --events 20000 --open 20000         # a first look, in seconds
  overstay bench --parts live,latency --json
  overstay bench --parts growth --open 10000000      # takes half an hour`,
		Args: noArgs(""),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), s) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.parts, "parts", nil, "measure only these `parts` ("+strings.Join(bench.Parts, ", ")+")")
	flags.IntVar(&f.events, "events", bench.DefaultEvents, "events in the company's log")
	flags.IntVar(&f.open, "open", bench.DefaultOpen, "open accesses in the parts memory, restart and timers, and at most in growth")
	flags.StringVar(&f.memory, "memory", memory.Default.String(), "what the process may keep in memory, a `size`")
	flags.Uint64Var(&f.seed, "seed", 1, "what the load is made up from")
	flags.StringVar(&f.dir, "dir", "", "make the temporary folder in this `folder`, on the disk to be measured")
	flags.StringVar(&f.profiles, "profiles", "", "leave a profile of each part's processor time in this `folder`, for go tool pprof")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// measured is the report with what the binary is made of.
type measured struct {
	Versions versions `json:"versions"`
	bench.Report
}

func (f *benchFlags) run(ctx context.Context, s Streams) error {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release() // told to stop, it still takes its folder away
	o := bench.Options{Parts: f.parts, Events: f.events, Open: f.open, Seed: f.seed, Dir: f.dir, Profiles: f.profiles}
	var err error
	if o.Memory, err = memory.Parse(f.memory); err != nil {
		return usagef(`write a whole number and its unit, such as "512MiB"`, "--memory: %w", err)
	}
	if err := o.Check(); err != nil {
		return usagef("see overstay bench --help", "%w", err)
	}
	o.Memory.Govern(os.Getenv)
	var bar *progressBar
	end := func() {
		if bar != nil {
			bar.end()
			bar = nil
		}
	}
	o.Say = func(what string) {
		end()
		// A failure to write to the standard error cannot be told anywhere.
		_, _ = fmt.Fprintln(s.Err, "overstay: "+what)
	}
	o.Progress = func(what string, done, all int) {
		if bar != nil && bar.what != what {
			end()
		}
		if bar == nil {
			bar = newProgress(s.Err, what, "", 1)
		}
		bar.set(int64(done), int64(all))
	}
	report, failed := bench.Run(ctx, o)
	end()
	if failed != nil && len(report.Figures) == 0 {
		return failed
	}
	// What was measured before a part failed took minutes: it is not lost.
	if f.json {
		return errors.Join(failed, writeJSON(s.Out, measured{ownVersions(), report}))
	}
	if err := ownVersions().print(s.Out); err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(failed, report.Print(s.Out))
}
