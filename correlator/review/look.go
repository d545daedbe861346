package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/memory"
)

// look replays the source whole, up to a log time; zero: to its end.
func (s *Source) look(ctx context.Context, knownAt time.Time) (Outcome, error) {
	return s.replay(ctx, knownAt, Options{Tell: nothing}, nil)
}

// watching sees what each step made of the state.
type watching func(correlator.Message, correlator.Result, *correlator.View)

// replay completes the options by the source's, with views that are whole, up to a log
// time. stops, where it is set, keeps states of the replay, the last of them included.
func (s *Source) replay(ctx context.Context, knownAt time.Time, with Options, stops *stops) (Outcome, error) {
	o, err := s.Options(ctx)
	if err != nil {
		return Outcome{}, err
	}
	state, err := inMemory(o.Store)
	if err != nil {
		return Outcome{}, err
	}
	o.Store, o.Whole, o.past, o.Told, o.Tell, o.Until = state, true, correlator.NewPast(), with.Told, with.Tell, with.Until
	o.Watch = with.Watch
	if stops != nil {
		stops.begin(state)
		o.Watch = stops.watching(state, o.Watch)
	}
	if o.Watch, err = s.counting(ctx, o.Watch, o.Until); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	if knownAt.IsZero() {
		out, err = Replay(ctx, o)
	} else {
		out, state, err = replayUntil(ctx, o, state, knownAt, with.Watch)
	}
	if err == nil && stops != nil {
		stops.end(state, out)
	}
	return out, err
}

// inMemory is a state that is begun with, nil for an empty one, as one that clones for
// nothing.
func inMemory(begun store.Store) (*memory.Store, error) {
	if begun == nil {
		return memory.New(), nil
	}
	st, ok := begun.(*memory.Store)
	if !ok {
		return nil, fmt.Errorf("the state that the log goes on from is a %T, and not one in memory", begun)
	}
	return st, nil
}

// counting has the source hear how far a replay has come.
func (s *Source) counting(ctx context.Context, watch watching, until uint64) (watching, error) {
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

// replayUntil replays up to the last position that was in the log at a log time, and
// returns the state there. Only a replay knows what the ticks made of log time: it goes
// on until log time is past, and then once more from the last commit before, over the
// messages of one batch, which again sees.
func replayUntil(ctx context.Context, o Options, state *memory.Store, at time.Time, again watching) (Outcome, *memory.Store, error) {
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var last uint64
	var begins time.Time
	reached := false
	before, limit, past, watch := state.Clone(), correlator.At(at), o.past, o.Watch
	first := o
	// What departs beyond the time is not to be seen: the past is kept here.
	first.Whole, first.past, first.ShowDeparted = false, nil, true
	first.Watch = func(m correlator.Message, r correlator.Result, v *correlator.View) {
		now := v.Now()
		if begins.IsZero() {
			begins = instant(now)
		}
		if reached = reached || now > limit; reached {
			cancel(errReached)
			return
		}
		if !before.SameAs(state) {
			before = state.Clone()
		}
		last = m.Origin.Seq
		past.Take(r.Departed)
		if watch != nil {
			watch(m, r, v.With(past))
		}
	}
	out, err := Replay(run, first)
	switch {
	case err != nil && !errors.Is(context.Cause(run), errReached):
		return Outcome{}, nil, err
	case last == 0 || begins.After(at):
		return Outcome{}, nil, &BeforeLogError{at, begins}
	case err == nil && !reached:
		out.View = out.View.With(past)
		return out, state, nil
	}
	if err := engine.Leave(before); err != nil {
		return Outcome{}, nil, err
	}
	o.Store, o.Until, o.Watch = before, last, again
	out, err = Replay(ctx, o)
	return out, before, err
}
