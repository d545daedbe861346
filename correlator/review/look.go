package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
)

// look replays the source whole, up to a log time; zero: to its end.
func (s *Source) look(ctx context.Context, knownAt time.Time) (Outcome, error) {
	return s.replay(ctx, knownAt, Options{})
}

// replay completes the options by the source's, with views that are whole, up to a log
// time.
func (s *Source) replay(ctx context.Context, knownAt time.Time, with Options) (Outcome, error) {
	o, err := s.Options(ctx)
	if err != nil {
		return Outcome{}, err
	}
	o.Whole, o.Told, o.Until = true, with.Told, with.Until
	if !knownAt.IsZero() {
		if o.Until, err = s.positionAt(ctx, knownAt); err != nil {
			return Outcome{}, err
		}
	}
	if o.Watch, err = s.counting(ctx, with.Watch, o.Until); err != nil {
		return Outcome{}, err
	}
	return Replay(ctx, o)
}

// counting has the source hear how far a replay has come.
func (s *Source) counting(ctx context.Context, watch func(correlator.Message, correlator.Result, *correlator.View), until uint64) (func(correlator.Message, correlator.Result, *correlator.View), error) {
	if s.Progress == nil {
		return watch, nil
	}
	st, err := s.Log.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the log for its state: %w", err)
	}
	begin := max(s.After+1, st.First)
	if until == 0 {
		until = st.Last
	}
	return func(m correlator.Message, r correlator.Result, v *correlator.View) {
		s.Progress(m.Origin.Seq-begin, until-begin)
		if watch != nil {
			watch(m, r, v)
		}
	}, nil
}

// BeforeLogError is a time before the beginning of a log.
type BeforeLogError struct{ At, Begins time.Time }

func (e *BeforeLogError) Error() string {
	return fmt.Sprintf("at %s nothing was known: the log begins at %s", e.At.Format(time.RFC3339), e.Begins.Format(time.RFC3339))
}

// errReached ends a replay that has seen what it was to see.
var errReached = errors.New("reached")

// positionAt is the last position that was in the log at a log time. Only a replay
// knows what the ticks made of log time, so that is what finds it.
func (s *Source) positionAt(ctx context.Context, at time.Time) (uint64, error) {
	o, err := s.Options(ctx)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var last uint64
	var begins time.Time
	limit := correlator.At(at)
	o.Watch = func(m correlator.Message, _ correlator.Result, v *correlator.View) {
		now := v.Now()
		if begins.IsZero() {
			begins = instant(now)
		}
		if now > limit {
			cancel(errReached)
		} else if ctx.Err() == nil {
			last = m.Origin.Seq
		}
	}
	_, err = Replay(ctx, o)
	if err != nil && !errors.Is(context.Cause(ctx), errReached) {
		return 0, err
	}
	if last == 0 || begins.After(at) {
		return 0, &BeforeLogError{at, begins}
	}
	return last, nil
}
