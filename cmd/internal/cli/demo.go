package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/demo"
	"github.com/overstay/overstay/connectors/cefile"
)

type demoFlags struct {
	keep, emit string
	noColour   bool
}

func demoCommand(s Streams) *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:     "demo",
		GroupID: groupRun,
		Short:   "Play an incident and see what follows",
		Long: `Play an incident through the real program: connectors read logs of Teleport and
Vault and a directory's events, and what is published is told as it happens. It
needs nothing, takes seconds, and leaves nothing behind.

With --keep the logs, the policy and the events stay in a folder. With
--emit-events nothing is told, and the events are written instead, moved in time
so that the windows have just ended and access has not.`,
		Example: `  overstay demo
  overstay demo --keep demo && overstay serve --config demo/overstay.yaml
  overstay demo --emit-events - | overstay emit -`,
		Args: noArgs(""),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), s) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.keep, "keep", "", "leave logs, policy and events in `folder`")
	flags.StringVar(&f.emit, "emit-events", "", `write the events to `+"`file`"+`, or to the standard output where it is "-"`)
	flags.BoolVar(&f.noColour, "no-colour", false, "plain text, also on a terminal (as NO_COLOR does)")
	return cmd
}

func (f *demoFlags) run(ctx context.Context, s Streams) error {
	// Told to stop, it still takes its folder away. So it does when nobody reads on: of
	// a pipe that is closed, SIGPIPE would end the process at once.
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	defer release()
	if f.keep != "" && f.emit != "" {
		return usagef("what is kept has the events too", "--keep and --emit-events are both given")
	}
	o := demo.Options{Colour: colourful(s.Out) && !f.noColour, Version: ownVersions().Version, Keep: f.keep}
	switch f.emit {
	case "":
		err := demo.Run(ctx, s.Out, o)
		var taken *demo.TakenError
		if errors.As(err, &taken) {
			return failedf("name a folder that is not there yet: nothing is overwritten", "%w", err)
		}
		return err
	case cefile.Stdin:
		return demo.EmitEvents(ctx, s.Out, o)
	}
	const elsewhere = "name a file in a folder that is there and may be written to"
	if _, err := os.Stat(filepath.Dir(f.emit)); err != nil { // before it is played
		return failedf(elsewhere, "write the demo's events: %w", err)
	}
	var events bytes.Buffer
	if err := demo.EmitEvents(ctx, &events, o); err != nil {
		return err
	}
	if err := os.WriteFile(f.emit, events.Bytes(), 0o644); err != nil {
		return failedf(elsewhere, "write the demo's events: %w", err)
	}
	return nil
}
