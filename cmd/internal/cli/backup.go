package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/backup"
)

func backupCommand(s Streams) *cobra.Command {
	var place offline
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "backup FILE",
		GroupID: groupMore,
		Short:   "Write all that a lost machine would take with it into a file",
		Long: `Write all that a lost machine would take with it into a file: the log, the alerts,
the state, and the connectors' cursors. The configuration, its policy and its
secrets are not in it. With a NATS server of your own, neither are the streams:
they are backed up there.

While overstay serve runs on the data folder, it writes the backup, and nothing
stops. The file is verified before it has its name; an existing one is left alone.
It tells who held which access: keep it as you keep the log.`,
		Example: `  overstay backup --config /etc/overstay/overstay.yaml /backup/overstay-monday.tar
  overstay restore --verify-only /backup/overstay-monday.tar`,
		Args: oneFile("overstay backup monday.tar"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := place.options(s)
			if err != nil {
				return err
			}
			ctx, release := interruptible(cmd.Context())
			defer release()
			m, err := app.WriteBackup(ctx, o, args[0])
			if err != nil {
				return explainOffline(err)
			}
			if asJSON {
				return writeJSON(s.Out, m)
			}
			p := pagePrinter{w: s.Out}
			p.line("%s holds %s, and the state at position %d", args[0], size(m), m.Position.Seq)
			return p.err
		},
	}
	place.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func restoreCommand(s Streams) *cobra.Command {
	var place offline
	var r app.RestoreOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "restore FILE",
		GroupID: groupMore,
		Short:   "Make a data folder out of a backup",
		Long: `Make a data folder out of a backup. The file is verified, everything in it is put
together in a folder of its own and opened, and state and log are compared, before
anything in the data folder is touched. The server must not be running. What is
there already is set aside, and only if --replace says so.

With --verify-only all of that is done in a temporary folder (TMPDIR), which is
removed: the rehearsal of a restore, on any machine, beside a running server.`,
		Example: `  overstay restore --config /etc/overstay/overstay.yaml /backup/overstay-monday.tar
  overstay restore --verify-only /backup/overstay-monday.tar`,
		Args: oneFile("overstay restore monday.tar"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := place.options(s)
			if err != nil {
				return err
			}
			r.File = args[0]
			ctx, release := interruptible(cmd.Context())
			defer release()
			out, err := app.Restore(ctx, o, r)
			if err != nil {
				return explainOffline(err)
			}
			if asJSON {
				return writeJSON(s.Out, out)
			}
			return printRestored(s, o.Config.DataDir, out)
		},
	}
	place.addFlags(cmd)
	f := cmd.Flags()
	f.BoolVar(&r.VerifyOnly, "verify-only", false, "put it together in a temporary folder, and remove that")
	f.BoolVar(&r.Replace, "replace", false, "set aside what is in the data folder")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printRestored(s Streams, data string, r app.Restored) error {
	p := pagePrinter{w: s.Out}
	p.line("taken %s by overstay %s: %s", r.Taken.Format(time.RFC3339), r.Version, size(r.Manifest))
	p.line("the state stands at position %d", r.Position.Seq)
	if r.LogLast > 0 {
		p.line("the log has positions %d to %d, and the message that the state names", r.LogFirst, r.LogLast)
	} else {
		p.line("the log is not in it: it is compared with the state at the next start")
	}
	switch {
	case r.Restored && r.SetAside != "":
		p.line("restored into %s; what was there is in %s", data, r.SetAside)
	case r.Restored:
		p.line("restored into %s", data)
	default:
		p.line("verified; nothing was changed")
	}
	return p.err
}

// size is how much a backup holds.
func size(m backup.Manifest) string {
	var sum int64
	for _, p := range m.Parts {
		sum += p.Bytes
	}
	return fmt.Sprintf("%s with %.1f MiB", count(len(m.Parts), "part"), float64(sum)/(1<<20))
}

// oneFile asks for exactly one argument.
func oneFile(hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return usagef(hint, "%s takes one file, and %d are given", cmd.CommandPath(), len(args))
	}
}
