package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/memory"
)

// Counterfactual is what would have kept an alert from being told when it was, proven
// by a replay in which it was so.
type Counterfactual struct {
	Kind SupposedKind `json:"kind"`
	// Statement says it in a sentence.
	Statement string `json:"statement"`
	// Events are those that it is about: one that came in late, or what was made up.
	Events []Cited `json:"events"`
	// Arrived is the log time at which the event did come in, and Later how much that is
	// after the alert was told; of one that came in late.
	Arrived time.Time       `json:"arrived,omitzero"`
	Later   events.Duration `json:"later,omitzero"`
	// By is the log time by which it had to be there, before this position.
	By       time.Time `json:"by"`
	Position uint64    `json:"position"`
	// Instead is when the alert would have been told all the same, later; left out where
	// it would not have been.
	Instead time.Time `json:"instead,omitzero"`
}

// SupposedKind is what is supposed.
type SupposedKind string

// The kinds.
const (
	SupposedEarlier  SupposedKind = "earlier"  // an event had come in earlier
	SupposedTogether SupposedKind = "together" // all that came in late had come earlier
	SupposedExtended SupposedKind = "extended" // the approval had been extended
	SupposedApproved SupposedKind = "approved" // there had been an approval
	SupposedEnded    SupposedKind = "ended"    // the end had been seen in time
)

// maxSupposed bounds how many late events are each tried alone.
const maxSupposed = 8

// supposition is something that could have kept the alert from being told.
type supposition struct {
	counter Counterfactual
	said    []events.Event
	// first is when the alert is then told first, zero for never, where it was tried.
	first time.Time
	tried bool
}

// suppose tries what could have kept the alert from being told: from the state right
// before it was, the log is played on as if that had been there.
func (e *explaining) suppose(ctx context.Context) error {
	raised := e.out.Revisions[0].Origin.Seq
	begin, err := e.before(ctx, raised)
	if err != nil {
		return err
	}
	all, err := e.suppositions(ctx, raised)
	if err != nil {
		return err
	}
	// Without a supposition it must be told as it was, else the replays prove nothing.
	if same, err := e.told(ctx, begin, raised, nil, func(uint64, uint64) {}); err != nil {
		return err
	} else if !same.Equal(e.out.Revisions[0].At) {
		return fmt.Errorf("played on from position %d the log does not tell it at %s", raised, clock(e.out.Revisions[0].At))
	}
	alone, together := all, []*supposition(nil)
	if i := slices.IndexFunc(all, func(s *supposition) bool { return s.counter.Kind == SupposedTogether }); i >= 0 {
		alone, together = slices.Concat(all[:i], all[i+1:]), all[i:i+1]
	}
	if err := e.try(ctx, begin, raised, alone); err != nil {
		return err
	}
	if !slices.ContainsFunc(alone, func(s *supposition) bool { return s.counter.Kind == SupposedEarlier && e.kept(s) }) {
		// Where one event alone was enough, all of them are not worth a word.
		if err := e.try(ctx, begin, raised, together); err != nil {
			return err
		}
	}
	for _, s := range all {
		if !s.tried {
			continue
		}
		e.out.Tried++
		if !e.kept(s) {
			continue // it is told all the same
		}
		s.counter.Instead = s.first
		s.counter.By, s.counter.Position = e.out.Revisions[0].At, raised
		s.counter.Statement = e.statement(s.counter)
		e.out.Counterfactuals = append(e.out.Counterfactuals, s.counter)
	}
	return nil
}

// kept reports whether a supposition that was tried kept the alert from being told when
// it was.
func (e *explaining) kept(s *supposition) bool {
	return s.first.IsZero() || s.first.After(e.out.Revisions[0].At)
}

// atOnce is how many suppositions are tried at a time: each holds what its world has of
// its own, and one that keeps the alert from being told plays the log to its end.
const atOnce = 2

// try finds out of suppositions when the alert is first told.
func (e *explaining) try(ctx context.Context, begin *memory.Store, raised uint64, all []*supposition) error {
	var mu sync.Mutex
	done, whole := make([]uint64, len(all)), uint64(0)
	errs := make([]error, len(all))
	turn := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, s := range all {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			s.first, errs[i] = e.told(ctx, begin, raised, s.said, func(here, last uint64) {
				if e.src.Progress == nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				sum := uint64(0)
				done[i], whole = here, max(whole, last)
				for _, d := range done {
					sum += d
				}
				e.src.Progress(sum, whole*uint64(len(all)))
			})
			s.tried = true
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// before makes the state right before a position, for replays that go on from there.
func (e *explaining) before(ctx context.Context, position uint64) (*memory.Store, error) {
	at := e.stops.before(position)
	state, err := at.again()
	if err != nil {
		return nil, err
	}
	st, err := e.src.Log.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the log for its state: %w", err)
	}
	if position-1 <= at.position || position <= st.First {
		return state, nil
	}
	if _, err = Replay(ctx, Options{Log: e.src.Log, Compile: e.src.Compile, Policy: e.src.Policy, Store: state, Until: position - 1, Tell: nothing}); err != nil {
		return nil, err
	}
	return state, engine.Leave(state)
}

// told is when the alert is first told in a log in which events came in before a
// position; the zero time where it is not. It reads no further than to there.
func (e *explaining) told(ctx context.Context, begin *memory.Store, position uint64, said []events.Event, progress func(done, all uint64)) (time.Time, error) {
	log, err := alter(e.src.Log, position, e.out.Revisions[0].At, said)
	if err != nil {
		return time.Time{}, err
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var first time.Time
	var failed error
	_, err = Replay(run, Options{
		Log: log, Until: log.here(e.last), Compile: e.src.Compile, Policy: e.src.Policy, Store: begin.Clone(),
		Tell: func(p correlator.Publication) bool { return p.Alert != nil && p.Alert.ID == e.out.Alert },
		Told: func(entry eventlog.Entry) {
			t, err := ReadTold(entry)
			mu.Lock()
			defer mu.Unlock()
			failed = cmp.Or(failed, err)
			if first.IsZero() {
				first = t.At
			}
			cancel(errReached)
		},
		Watch: func(m correlator.Message, _ correlator.Result, _ *correlator.View) {
			progress(m.Origin.Seq-position, log.here(e.last)-position)
		},
	})
	if errors.Is(context.Cause(run), errReached) {
		err = nil
	}
	return first, errors.Join(err, failed)
}

// suppositions are what may have kept the alert from being told, what really happened
// first.
func (e *explaining) suppositions(ctx context.Context, raised uint64) ([]*supposition, error) {
	late, err := e.late(ctx, raised)
	if err != nil {
		return nil, err
	}
	out := late[:min(len(late), maxSupposed)]
	if len(late) > 1 {
		together := &supposition{counter: Counterfactual{Kind: SupposedTogether}}
		for _, s := range late {
			together.said = append(together.said, s.said...)
			together.counter.Events = append(together.counter.Events, s.counter.Events...)
		}
		out = append(slices.Clip(out), together)
	}
	return append(out, e.madeUp()...), nil
}

// late are the events that say something of what the alert is about, and came in when
// it had been told.
func (e *explaining) late(ctx context.Context, raised uint64) ([]*supposition, error) {
	var positions []uint64
	for seq := range e.logTimes {
		if seq > raised {
			positions = append(positions, seq)
		}
	}
	slices.Sort(positions)
	var out []*supposition
	for _, seq := range positions {
		m, err := e.src.Log.At(ctx, seq)
		if errors.Is(err, eventlog.ErrNoMessage) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read position %d: %w", seq, err)
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil {
			return nil, fmt.Errorf("read position %d: %w", seq, err)
		}
		if !ev.Type.FromSource() || ev.Time.After(e.out.Revisions[0].At) {
			continue // it had not happened by then
		}
		c := Counterfactual{Kind: SupposedEarlier, Arrived: instant(e.logTimes[seq]), Events: []Cited{{Evidence{ev.Source + "|" + ev.ID, seq}, ev.Time, ev.Type.Short()}}}
		c.Later = events.Duration(c.Arrived.Sub(e.out.Revisions[0].At))
		out = append(out, &supposition{counter: c, said: []events.Event{ev}})
	}
	return out, nil
}

func (e *explaining) statement(c Counterfactual) string {
	head := "It would not have been told"
	if !c.Instead.IsZero() {
		head = "It would have been told only at " + clock(c.Instead)
	}
	first := c.Events[0]
	switch c.Kind {
	case SupposedEarlier:
		return fmt.Sprintf("%s if %s (%s), which came in %s later, at position %d, had come in by %s.", head, first.What, first.Event, c.Later.Std(), first.Position, clock(c.By))
	case SupposedTogether:
		return fmt.Sprintf("%s if all %d events that came in later, and had happened by then, had come in by %s.", head, len(c.Events), clock(c.By))
	case SupposedExtended, SupposedApproved:
		return fmt.Sprintf("%s if there had been %s.", head, first.What)
	}
	return fmt.Sprintf("%s if %s had been seen by %s.", head, first.What, clock(c.By))
}
