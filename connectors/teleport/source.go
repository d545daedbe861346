package teleport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
	"github.com/overstay/overstay/events"
)

// Reasons of skips besides connectors.SkipNotAccess.
const (
	SkipUnreadable = "unreadable" // a line that is not a record, or not one that we understand
	SkipTooLong    = "too-long"   // a line over MaxLine
	SkipLost       = "lost"       // lines were rotated away before they were read
)

const (
	// progressEvery is how often a source that follows says how far it is.
	progressEvery = time.Second
	// progressOwed is the silence after which it counts as blind.
	progressOwed = 10 * time.Second
	// batchLines is the default of Config.Batch.
	batchLines = 256
	// nameLines is how far into a file its cluster's name is looked for.
	nameLines = 1000
)

// Source reads one cluster's audit log. It implements connectors.Source.
type Source struct {
	cfg Config
	log *slog.Logger
}

// URI is the source of all events, "teleport://<name>".
func (s *Source) URI() string { return URI(s.cfg.Name) }

// run is one run of the source.
type run struct {
	*Source
	out      connectors.Output
	mapper   *Mapper
	cursor   connectors.Cursor
	packer   packer
	looked   time.Time // when the files were looked at last
	progress time.Time // when progress was said last
	begun    bool      // source.resumed was said
}

// Run implements connectors.Source.
func (s *Source) Run(ctx context.Context, from connectors.Cursor, out connectors.Output) (err error) {
	r := &run{Source: s, out: out, mapper: NewMapper(s.cfg.Name, s.cfg.Clusters), cursor: from, looked: s.cfg.Now()}
	at, err := readCursor(from)
	if err != nil {
		return fmt.Errorf("%s: %w", s.URI(), err)
	}
	if err := r.mapper.Restore(at.memory); err != nil {
		return fmt.Errorf("%s: %w", s.URI(), err)
	}
	lines, err := tail.Follow(tail.Config{
		Paths: s.cfg.Paths, Follow: s.cfg.Follow, Poll: s.cfg.Poll,
		Max: s.cfg.Batch, MaxLine: MaxLine, Wait: r.wait,
	}, at.Log)
	if err != nil {
		return fmt.Errorf("%s: %w", s.URI(), err)
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	for {
		r.looked = s.cfg.Now()
		batch, err := lines.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return r.end(ctx)
		case err != nil:
			return fmt.Errorf("%s: %w", s.URI(), err)
		}
		if err := r.take(ctx, batch); err != nil {
			return err
		}
		out.Waiting(lines.Absent(r.looked))
	}
}

// wait notes the time after the pause: what was written before it is seen by the
// look that follows.
func (r *run) wait(ctx context.Context, d time.Duration) error {
	err := r.cfg.Wait(ctx, d)
	r.looked = r.cfg.Now()
	return err
}

// skip is a line that gives no event, to be told once the batch is durable: a
// batch that has to be read again would count it twice.
type skip struct {
	reason, place string
	err           error
}

// take maps a batch of lines and makes its events durable.
func (r *run) take(ctx context.Context, batch tail.Batch) error {
	var said []events.Event
	skips := fileSkips(batch.Skips)
	for _, line := range batch.Lines {
		evs, verdict, err := r.mapper.Map(line.Text)
		switch verdict.Outcome {
		case Unreadable:
			skips = append(skips, skip{SkipUnreadable, line.Place(), err})
		case NotAccess, Quiet:
			skips = append(skips, skip{connectors.SkipNotAccess, line.Place() + " " + verdict.Type, nil})
		case Mapped:
			said = append(said, evs...)
		}
	}
	if len(batch.Lines) > 0 || len(batch.Skips) > 0 {
		if err := r.move(batch.Cursor); err != nil {
			return err
		}
	}
	own, err := r.about(batch)
	if err != nil {
		return err
	}
	if !r.begun && len(own) > 0 {
		r.begun = true
		said = append(own, said...) // where coverage begins comes before what it covers
	} else {
		said = append(said, own...)
	}
	if len(said) == 0 && len(batch.Lines) == 0 && len(batch.Skips) == 0 {
		return nil
	}
	if err := r.out.Emit(ctx, said, r.cursor); err != nil {
		return err
	}
	for _, s := range skips {
		r.out.Skip(s.reason, s.place, s.err)
	}
	return nil
}

func fileSkips(from []tail.Skip) []skip {
	var skips []skip
	for _, s := range from {
		reason := SkipUnreadable
		switch {
		case errors.Is(s.Err, tail.ErrTooLong):
			reason = SkipTooLong
		case errors.Is(s.Err, tail.ErrLost):
			reason = SkipLost
		}
		skips = append(skips, skip{reason, s.Place, s.Err})
	}
	return skips
}

func (r *run) move(to tail.Cursor) error {
	memory, err := r.mapper.Snapshot()
	if err != nil {
		return fmt.Errorf("%s: %w", r.URI(), err)
	}
	next, err := r.packer.write(cursor{Log: to, memory: memory})
	if err != nil {
		return fmt.Errorf("%s: %w", r.URI(), err)
	}
	r.cursor = next
	return nil
}

// about is what the source says of itself: once that it begins, and from then on
// how far it is. Of files that are not there it says nothing.
func (r *run) about(batch tail.Batch) ([]events.Event, error) {
	if !r.begun {
		if !batch.There && len(batch.Lines) == 0 {
			return nil, nil
		}
		ev, err := r.resumed()
		if err != nil {
			return nil, err
		}
		r.log.Info("reading Teleport audit log", "source", r.URI(), "follow", r.cfg.Follow)
		return []events.Event{ev}, nil
	}
	now := r.cfg.Now()
	if !r.cfg.Follow || !batch.There || now.Sub(r.progress) < progressEvery {
		return nil, nil
	}
	// At the end of the files everything from before the look is in the log. While
	// there is more to read in the only file, everything up to the latest record
	// is: an auth server appends in the order of time. Of several files one may be
	// far behind what was read of another.
	through := r.looked
	if last := r.mapper.state.Latest; !batch.AtEnd {
		if len(r.cfg.Paths) > 1 {
			return nil, nil
		}
		if last.Before(through) {
			through = last
		}
	}
	if through.IsZero() {
		return nil, nil
	}
	r.progress = now
	ev, err := r.through(now, through)
	if err != nil {
		return nil, err
	}
	return []events.Event{ev}, nil
}

// end says how far a finite input reached: its last record.
func (r *run) end(ctx context.Context) error {
	last, now := r.mapper.state.Latest, r.cfg.Now()
	if last.IsZero() {
		return nil
	}
	if last.After(now) {
		last = now // a record from the future is no promise about it
	}
	ev, err := r.through(now, last)
	if err != nil {
		return err
	}
	return r.out.Emit(ctx, []events.Event{ev}, r.cursor)
}

func (r *run) through(now, through time.Time) (events.Event, error) {
	ev, err := events.New(events.SourceProgress, r.URI(), "progress@"+through.UTC().Format(time.RFC3339Nano), now, "",
		&events.Progress{Through: through.UTC(), Basis: events.ByPosition})
	if err != nil {
		return ev, fmt.Errorf("%s: say progress: %w", r.URI(), err)
	}
	return ev, nil
}

// resumed declares the source. Coverage is the time of the first record that was
// ever read; of a file without records it is from now on.
func (r *run) resumed() (events.Event, error) {
	now := r.cfg.Now()
	ev, err := events.New(events.SourceResumed, r.URI(), "resumed@"+now.UTC().Format(time.RFC3339Nano), now, "",
		&events.Resumed{
			Coverage:     r.mapper.state.First,
			Capabilities: Capabilities(r.cfg.Name, r.cfg.Follow),
			Connector:    "overstay-teleport/1",
		})
	if err != nil {
		return ev, fmt.Errorf("%s: say resumed: %w", r.URI(), err)
	}
	return ev, nil
}
