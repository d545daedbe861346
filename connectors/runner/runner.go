package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// Publisher makes events durable.
type Publisher interface {
	// Publish returns after the log has acknowledged all events, in order. An
	// error means that any of them may or may not be there. It keeps none of
	// the slices.
	Publish(ctx context.Context, evs []events.Event) error
}

const (
	// MaxInFlight is how many events of one source may wait for the log.
	MaxInFlight = 1000
	// StopWithin is how long a source that was told to stop has for it.
	StopWithin = 5 * time.Second

	firstPause = time.Second
	maxPause   = time.Minute
)

// Options of a runner.
type Options struct {
	// Dir holds the state files; one folder serves all sources. Required.
	Dir    string
	Logger *slog.Logger     // default: slog.Default()
	Now    func() time.Time // default: time.Now; stamps events and names epochs
}

// Runner keeps one source running.
type Runner struct {
	source connectors.Source
	to     Publisher
	keeper keeper
	log    *slog.Logger
	now    func() time.Time
	board  *board
}

// New makes a runner. Two of them must not have the same source URI in one
// folder.
func New(source connectors.Source, to Publisher, o Options) *Runner {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	uri := source.URI()
	return &Runner{
		source: source,
		to:     to,
		keeper: keeper{dir: o.Dir, uri: uri, now: o.Now},
		log:    o.Logger.With("source", uri),
		now:    o.Now,
		board:  newBoard(uri),
	}
}

// Snapshot is the source's status now.
func (r *Runner) Snapshot() Status { return r.board.snapshot() }

// StuckError means that a source did not stop in time. Its goroutine goes on,
// and what it still emits is refused.
type StuckError struct{ URI string }

func (e *StuckError) Error() string {
	return fmt.Sprintf("source %s had not stopped after %s; end the process", e.URI, StopWithin)
}

// Run runs the source until its input ends or ctx does, and returns nil then.
// It returns a *StuckError when the source does not stop, and an error when the
// state files cannot be used. Failures of the source are not errors: they show
// in the status and in the log, and the source is started again.
func (r *Runner) Run(ctx context.Context) error {
	if err := os.MkdirAll(r.keeper.dir, 0o700); err != nil {
		return fmt.Errorf("making the folder for the state of source %s: %w", r.keeper.uri, err)
	}
	at, why, err := r.keeper.load()
	if err != nil {
		return fmt.Errorf("reading where source %s stands: %w", r.keeper.uri, err)
	}
	if why != nil {
		r.log.Error("the place of the source was lost; it begins anew", "epoch", at.Epoch, "error", why.reason)
		r.failed(why.reason)
	}
	r.board.update(func(s *Status) { s.Sequence = events.Sequence{Epoch: at.Epoch, Counter: at.Counter} })
	return r.restart(ctx, at)
}

// restart runs the source again and again.
func (r *Runner) restart(ctx context.Context, at place) error {
	pause := firstPause
	for ctx.Err() == nil {
		out := &output{runner: r, place: at}
		err := r.once(ctx, out)
		if stuck := (*StuckError)(nil); errors.As(err, &stuck) {
			r.enter(Stuck)
			return err
		}
		progress := out.close(&at)
		if err == nil {
			r.enter(Ended)
			return nil
		}
		if ctx.Err() != nil {
			break
		}
		if progress {
			pause = firstPause
		}
		r.failed(err)
		r.log.Warn("the source failed", "error", err, "again_in", pause.String())
		r.enter(Pausing)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			r.board.update(func(s *Status) { s.Restarts++ })
		}
		pause = min(2*pause, maxPause)
	}
	r.enter(Stopped)
	return nil
}

// once runs the source one time, and gives up on one that does not stop.
func (r *Runner) once(ctx context.Context, out *output) error {
	r.enter(Running)
	done := make(chan error, 1)
	go func() { done <- r.source.Run(ctx, out.place.Cursor, out) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	limit := time.NewTimer(StopWithin)
	defer limit.Stop()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		out.refuse()
		return &StuckError{r.keeper.uri}
	}
}

func (r *Runner) enter(st State) { r.board.update(func(s *Status) { s.State = st }) }

func (r *Runner) failed(err error) {
	r.board.update(func(s *Status) { s.LastError, s.LastErrorAt = err.Error(), r.now() })
}
