package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

type exportFlags struct {
	source   sourceFlags
	of       string
	from, to string
	json     bool
}

func exportCommand(s Streams) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:     "export FILE",
		GroupID: groupReview,
		Short:   "Write a range of the log into an archive",
		Long: `Write a range of the log into one file, with the alerts that followed from it and
the state before it, to be looked back on without a server (docs/review.md).

The file is zstd, and JSON Lines inside: zstd -dc prints it. A range that begins in
the middle is extended back to the checkpoint before it; where there is none, a
replay of the file is cold, and that is said.

An export that was interrupted is gone on with by the same command. The file has
its name only when it is whole and was read back.

` + sourceHelp,
		Example: `  overstay export march.zst --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z
  overstay export --source /var/lib/overstay all.zst
  zstd -dc all.zst | jq -c 'select(.log).event'   # the events again`,
		Args: oneFile("overstay export all.zst"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.of, "source", "", "`SOURCE` to export")
	f.source.addFlags(flags)
	flags.StringVar(&f.from, "from", "", "first `position`, or time")
	flags.StringVar(&f.to, "to", "", "last position, or the `time` before which it ends")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (f *exportFlags) run(ctx context.Context, s Streams, path string) (err error) {
	if _, err := os.Stat(path); err == nil {
		return usagef("choose another name", "%s is there already", path)
	}
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	src, err := f.source.open(ctx, s, f.of)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	w, err := f.begin(ctx, s, src, path)
	if err != nil {
		return err
	}
	bar := newProgress(s.Err, "export", "messages", 1)
	err = exportLog(ctx, src, w, bar)
	bar.end()
	if err == nil {
		err = exportAlerts(ctx, src, w)
	}
	if err != nil {
		err = errors.Join(err, w.Interrupt())
		if ctx.Err() != nil {
			return failedf("the same command goes on from there", "interrupted before position %d", w.Next())
		}
		return err
	}
	sum, err := w.Finish()
	if err != nil {
		return err
	}
	h := w.Header()
	if f.json {
		return writeJSON(s.Out, struct {
			File   string         `json:"file"`
			Header archive.Header `json:"header"`
			Sum    archive.Sum    `json:"sum"`
		}{path, h, sum})
	}
	_, err = fmt.Fprintf(s.Out, "%s holds positions %d to %d of %s: %d messages (sha256 %s) and %d revisions of alerts and seals (sha256 %s)\n",
		harmless(path, ""), h.From, h.To, harmless(h.LogID, ""), sum.Messages, sum.LogSHA256, sum.Alerts, sum.AlertsSHA256)
	return err
}

// begin goes on with an interrupted export of the same log, or begins one.
func (f *exportFlags) begin(ctx context.Context, s Streams, src *pastSource, path string) (*archive.Writer, error) {
	h, state, err := f.rangeOf(ctx, src)
	if err != nil {
		return nil, err
	}
	w, err := archive.Resume(path)
	if err != nil {
		return nil, err
	}
	if w == nil {
		if h.From > 1 && h.Checkpoint == nil {
			if _, err := fmt.Fprintf(s.Err, "overstay: no checkpoint reaches back to position %d: a replay of the archive will be cold\n", h.From); err != nil {
				return nil, fmt.Errorf("tell that it will be cold: %w", err)
			}
		}
		return archive.Create(path, h, state)
	}
	if was := w.Header(); was.LogID != h.LogID || was.From != h.From || f.to != "" && was.To != h.To {
		return nil, errors.Join(failedf("remove it, or choose another name", "%s is an interrupted export of positions %d to %d of %s, and this is one of %d to %d of %s",
			archive.Partial(path), was.From, was.To, was.LogID, h.From, h.To, h.LogID), w.Interrupt())
	}
	if _, err := fmt.Fprintf(s.Err, "overstay: an interrupted export is gone on with at position %d\n", w.Next()); err != nil {
		return nil, fmt.Errorf("tell that it goes on: %w", err)
	}
	return w, nil
}

type stateReader = func(fn func(key, value []byte) error) (checkpoint.Info, error)

// rangeOf finds the range, and the state before it.
func (f *exportFlags) rangeOf(ctx context.Context, src *pastSource) (h archive.Header, state stateReader, err error) {
	st, err := src.Log.State(ctx)
	if err != nil {
		return h, nil, fmt.Errorf("ask the log for its state: %w", err)
	}
	from, err := parsePlace("--from", f.from)
	if err != nil {
		return h, nil, err
	}
	to, err := parsePlace("--to", f.to)
	if err != nil {
		return h, nil, err
	}
	h = archive.Header{LogID: st.ID, From: st.First, To: st.Last, Semantics: correlator.SemanticsID, Made: time.Now().UTC()}
	if !from.isZero() {
		if h.From, err = from.first(ctx, src.Log, st); err != nil {
			return h, nil, err
		}
		h.From = max(h.From, st.First)
	}
	if !to.isZero() {
		if h.To, err = to.first(ctx, src.Log, st); err != nil {
			return h, nil, err
		}
		if !to.at.IsZero() {
			h.To--
		}
		h.To = min(h.To, st.Last)
	}
	if h.From > h.To {
		return h, nil, failedf("", "nothing lies between: the log has positions %d to %d", st.First, st.Last)
	}
	if h.From > 1 {
		state, err = stateBefore(src, st, &h, f.from != "")
	}
	return h, state, err
}

// stateBefore finds the state to go on from, and extends the range back to it. For
// a whole log it is the oldest, which shows the most; for a part of one the newest
// before it.
func stateBefore(src *pastSource, st eventlog.State, h *archive.Header, part bool) (stateReader, error) {
	if a := src.archive; a != nil {
		c := a.Header().Checkpoint
		if c == nil || src.Begin == nil {
			return nil, nil
		}
		h.Checkpoint, h.From = c, min(h.From, c.Position.Seq+1)
		return a.State, nil
	}
	files := src.checkpointsOf(st.ID, st.First)
	if len(files) == 0 {
		return nil, nil
	}
	c := files[0]
	for _, other := range files {
		if part && other.Seq < h.From {
			c = other
		}
	}
	if c.Seq >= h.To {
		return nil, nil
	}
	info, err := c.Verify()
	if err != nil {
		return nil, fmt.Errorf("use the state before position %d: %w", h.From, err)
	}
	h.Checkpoint, h.From = &info, min(h.From, c.Seq+1)
	return c.Read, nil
}

func exportLog(ctx context.Context, src *pastSource, w *archive.Writer, bar *progressBar) error {
	h := w.Header()
	if w.Next() > h.To {
		return nil
	}
	r, err := src.Log.Read(ctx, w.Next())
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer r.Close()
	bar.from(int64(w.Next() - h.From))
	for w.Next() <= h.To {
		m, err := r.Next(ctx)
		if err != nil {
			return fmt.Errorf("read the log after position %d: %w", w.Next()-1, err)
		}
		if m.Position > h.To {
			return nil // the range ends in a hole
		}
		if err := w.Message(m); err != nil {
			return err
		}
		bar.set(int64(m.Position-h.From+1), int64(h.To-h.From+1))
	}
	return nil
}

// exportAlerts adds what was told from the range, from where its replay begins.
func exportAlerts(ctx context.Context, src *pastSource, w *archive.Writer) error {
	h := w.Header()
	after := h.From - 1
	if h.Checkpoint != nil {
		after = h.Checkpoint.Position.Seq
	}
	if src.Alerts == nil {
		return nil
	}
	_, err := review.Recorded(ctx, src.Alerts, h.LogID, after, h.To, func(m eventlog.Message, _ review.Told) error { return w.Alert(m) })
	return err
}
