package cli

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/connectors/cefile"
	"github.com/overstay/overstay/events"
)

type emitFlags struct {
	to, data     string
	access       access
	allOrNothing bool
	retryFor     time.Duration
	json         bool
}

func emitCommand(s Streams) *cobra.Command {
	var f emitFlags
	cmd := &cobra.Command{
		Use:     "emit [flags] FILE|-...",
		GroupID: groupUse,
		Short:   "Send events from files",
		Long: `Send events from files, or from the standard input where the name is "-".

A file holds one CloudEvent of the vocabulary a line (docs/events.md), plain or
compressed with gzip or zstd. An event that is wrong is told with its file and
line, and the others are sent; with --all-or-nothing none is. Sending a file
twice changes nothing: an event is known by its source and id.

A server that is busy is asked again as it says, for as long as --retry-for.`,
		Example: `  overstay emit events.jsonl
  zcat old/*.gz | overstay emit -
  overstay emit --to https://overstay.example.com:8080 --token-file token events.jsonl.zst`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(`"-" is the standard input`, "no file is named")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error { return f.run(cmd.Context(), s, files) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "`URL` of the server (default "+defaultHTTP+")")
	flags.StringVar(&f.data, "data", "", "data `folder` of a server on this machine, to find its address")
	f.access.addFlags(flags)
	flags.BoolVar(&f.allOrNothing, "all-or-nothing", false, "send nothing if any event is wrong; at most what fits into one request")
	flags.DurationVar(&f.retryFor, "retry-for", time.Minute, "how long to wait for a busy server, in all")
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON")
	return cmd
}

func (f *emitFlags) run(ctx context.Context, s Streams, files []string) error {
	to, err := findServer(f.to, f.data, defaultHTTP, func(e endpoints) string { return e.HTTP })
	if err != nil {
		return err
	}
	c, err := f.access.open(to)
	if err != nil {
		return err
	}
	t := &tally{errs: s.Err, live: isTerminal(s.Err)}
	b := &batcher{sender: sender{client: c, tally: t, patience: f.retryFor, wait: sleep}, whole: f.allOrNothing}
	err = b.readAll(ctx, s.In, files)
	t.endProgress()
	if err == nil || t.sent > 0 {
		// What was sent is told even where something ended it.
		if told := t.summary(s.Out, c.base.Redacted(), f.json); err == nil {
			err = told
		}
	}
	if err == nil && t.wrong() > 0 {
		return &failure{exit: Failed, err: errTold}
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// line is an event on its way, with the place it was read from.
type line struct {
	place string
	body  []byte
}

// What one request holds at most: less than the server takes, so that progress is
// seen and a request that has to be sent again is not all of them.
const (
	batchEvents = events.MaxBatch / 2
	batchBytes  = events.MaxRequest / 2
)

// batcher collects lines into requests.
type batcher struct {
	sender sender
	whole  bool // one request, or none
	lines  []line
	bytes  int
}

func (b *batcher) readAll(ctx context.Context, stdin io.Reader, files []string) error {
	for _, name := range files {
		if err := b.readFile(ctx, stdin, name); err != nil {
			return err
		}
	}
	if b.whole && b.sender.tally.wrong() > 0 {
		return nil // and nothing was sent
	}
	return b.flush(ctx)
}

// readFile reads one input. One that cannot be read to its end is told, and the
// others are read all the same.
func (b *batcher) readFile(ctx context.Context, stdin io.Reader, name string) error {
	in := stdin
	if name != cefile.Stdin {
		f, err := os.Open(name)
		if err != nil {
			b.sender.tally.unreadable(name, err)
			return nil
		}
		defer f.Close() // it was only read
		in = f
	}
	var stop error // of sending, not of reading
	err := cefile.Reader{Name: name}.Read(ctx, in, func(place string, ev events.Event, err error) error {
		if err != nil {
			b.sender.tally.refuse(refusal{Place: place, Reason: err.Error()})
			return nil
		}
		stop = b.add(ctx, place, ev)
		return stop
	})
	if stop != nil || ctx.Err() != nil {
		return err
	}
	if err != nil {
		b.sender.tally.unreadable(name, err)
	}
	return nil
}

func (b *batcher) add(ctx context.Context, place string, ev events.Event) error {
	body, err := events.Encode(ev)
	if err != nil {
		b.sender.tally.refuse(refusal{Place: place, ID: ev.ID, Reason: err.Error()})
		return nil
	}
	if b.whole {
		if len(b.lines) == events.MaxBatch || b.bytes+len(body)+2 > events.MaxRequest {
			return usagef("leave --all-or-nothing out, or send less at a time",
				"there is more than one request takes (%d events, %d MiB), and only one request is stored as a whole", events.MaxBatch, events.MaxRequest>>20)
		}
	} else if len(b.lines) == batchEvents || b.bytes+len(body) > batchBytes {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	b.lines = append(b.lines, line{place, body})
	b.bytes += len(body) + 1 // the comma
	return nil
}

func (b *batcher) flush(ctx context.Context) error {
	lines := b.lines
	b.lines, b.bytes = nil, 0
	if len(lines) == 0 {
		return nil
	}
	if b.whole {
		return b.sender.deliverWhole(ctx, lines)
	}
	return b.sender.deliver(ctx, lines)
}
