package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/store/archive"
)

// importedFile is the archive in a folder that was imported into.
const importedFile = app.ImportedFile

func importCommand(s Streams) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:     "import FILE",
		GroupID: groupReview,
		Short:   "Put an archive into an empty data folder, to be reviewed there",
		Long: `Put an archive into an empty data folder, to be reviewed on this machine. Log ids and
positions stay what they were, so a replay tells the same bytes. Every byte is
looked at before and after; one that was interrupted is gone on with by the same
command. No server starts on such a folder: the past does not go on.`,
		Example: `  overstay import march.zst --data march
  overstay replay march --diff`,
		Args: oneFile("overstay import march.zst --data march"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd.Context(), s, args[0], data)
		},
	}
	cmd.Flags().StringVar(&data, "data", config.DefaultDataDir, "data `folder`, empty or not there yet")
	return cmd
}

func runImport(ctx context.Context, s Streams, path, dir string) (err error) {
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	bar := newProgress(s.Err, "look through", "MB", 1e-6)
	a, err := openArchive(path, false, bar)
	bar.end()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := emptyBut(dir, archive.Partial(importedFile)); err != nil {
		return err
	}
	to := filepath.Join(dir, importedFile)
	bar = newProgress(s.Err, "import", "MB", 1e-6)
	err = copyFile(ctx, path, archive.Partial(to), bar)
	bar.end()
	if err != nil {
		if ctx.Err() != nil {
			return failedf("the same command goes on from there", "interrupted; %s is not whole", archive.Partial(to))
		}
		return err
	}
	written, err := archive.Open(archive.Partial(to), nil)
	if err != nil {
		return fmt.Errorf("read back what was imported: %w", err)
	}
	if err := written.Close(); err != nil {
		return err
	}
	if err := os.Rename(archive.Partial(to), to); err != nil {
		return fmt.Errorf("name what was imported: %w", err)
	}
	h, sum := a.Header(), a.Sum()
	_, err = fmt.Fprintf(s.Out, "%s holds positions %d to %d of %s: %d messages (sha256 %s) and %d revisions of alerts and seals (sha256 %s)\n",
		harmless(dir, ""), h.From, h.To, harmless(h.LogID, ""), sum.Messages, sum.LogSHA256, sum.Alerts, sum.AlertsSHA256)
	return err
}

// emptyBut makes a folder, or makes sure that it holds nothing but one file.
func emptyBut(dir, name string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into the data folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() != name {
			return usagef("choose another with --data", "the data folder %s is not empty: it has %s in it", dir, e.Name())
		}
	}
	return nil
}

// copyFile copies a file and syncs it; what an earlier attempt left is compared and
// kept.
func copyFile(ctx context.Context, from, to string, bar *progressBar) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer in.Close() // it was only read
	st, err := in.Stat()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	out, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buf, have := make([]byte, 1<<20), make([]byte, 1<<20)
	for done := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(in, buf)
		if n > 0 {
			m, err := out.ReadAt(have[:n], done)
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("import: read what is there: %w", err)
			}
			if !bytes.Equal(have[:m], buf[:n]) {
				if _, err := out.WriteAt(buf[:n], done); err != nil {
					return fmt.Errorf("import: %w", err)
				}
			}
			done += int64(n)
			bar.set(done, st.Size())
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.Join(out.Truncate(done), out.Sync())
		}
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
}
