package review

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/memory"
)

// Options say what is replayed, and how.
type Options struct {
	// Log is read from its oldest message on, or from where Store ends. It is
	// never written to.
	Log eventlog.Log
	// Store is the replay's own state; nil: in memory, from nothing.
	Store store.Store
	// Until is the last position to read; 0: today's end of the log.
	Until uint64
	// Policy holds from the beginning to the end, whatever the log says; nil: the
	// policies of the log.
	Policy *correlator.Policy
	// Compile makes a policy of the log from its text.
	Compile func(text string) (*correlator.Policy, error)
	// Watch, where it is set, sees what each step made of the state.
	Watch func(correlator.Message, correlator.Result, *correlator.View)
	// ShowDeparted has the results that Watch sees say what leaves the state, which
	// the view at the end has no more.
	ShowDeparted bool
	// Whole has every view show also what has left the state by then: that takes memory
	// for all that ever was.
	Whole bool
	// Told, where it is set, takes each alert and seal in order, as it would have
	// been published.
	Told func(eventlog.Entry)
	// Tell, where it is set, says of each whether it is wanted: the rest is neither
	// encoded nor told, nor part of the sum, which spares most of the work where alerts
	// are many.
	Tell func(correlator.Publication) bool

	past  *correlator.Past // with Whole: what had left before the state that is begun with
	batch int              // messages that one commit holds; 0: as many as are at hand
}

// nothing tells nothing: for replays that are about the state alone.
func nothing(correlator.Publication) bool { return false }

// errReached ends a replay that has seen what it was to see.
var errReached = errors.New("reached")

// Outcome is what a replay came to.
type Outcome struct {
	// First and Last are the positions read.
	First, Last uint64
	Told        int
	// Sum is the SHA-256 over every subject and body in order: two runs that told
	// the same have the same.
	Sum [sha256.Size]byte
	// View is the state at the end, Policy the one in force there.
	View   *correlator.View
	Policy *correlator.Policy
}

// Replay plays a log again. It ends at Until, or with an error that says where it
// stopped; a cancelled context ends it between two batches.
func Replay(ctx context.Context, o Options) (Outcome, error) {
	st, err := o.Log.State(ctx)
	if err != nil {
		return Outcome{}, fmt.Errorf("replay: ask the log for its state: %w", err)
	}
	if o.Until == 0 || o.Until > st.Last {
		o.Until = st.Last
	}
	if o.Store == nil {
		o.Store = memory.New()
	}
	past := o.past
	if past == nil && o.Whole {
		past = correlator.NewPast()
	}
	told := &telling{fn: o.Told, sum: sha256.New()}
	eng, err := engine.New(engine.Config{
		Log: pastLog{o.Log, o.Until}, Alerts: told, Quarantine: forgetful{}, Store: o.Store, Compile: o.Compile, Fixed: o.Policy,
		Tell: o.Tell, Watch: o.watch(past), ShowDeparted: o.ShowDeparted || o.Whole, BatchMessages: o.batch, Manual: true, Clock: stopped{}, Logger: slog.New(slog.DiscardHandler), Metrics: unmeasured{},
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("replay: %w", err)
	}
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- eng.Run(run) }()
	reached := make(chan error, 1)
	go func() {
		err := eng.WaitApplied(run, o.Until)
		if err == nil {
			err = eng.WaitPublished(run)
		}
		reached <- err
	}()
	select {
	case err = <-done:
		if err == nil {
			err = ctx.Err()
		}
	case err = <-reached:
		cancel()
		err = errors.Join(err, <-done)
	}
	if err = errors.Join(ctx.Err(), err); err != nil {
		return Outcome{}, fmt.Errorf("replay: stopped after position %d of %d: %w", eng.Applied(), o.Until, err)
	}
	return Outcome{First: st.First, Last: o.Until, Told: told.count, Sum: [sha256.Size]byte(told.sum.Sum(nil)), View: correlator.NewView(eng.View(), eng.Policy()).With(past), Policy: eng.Policy()}, nil
}

// watch has what departs kept, where it is wanted.
func (o Options) watch(past *correlator.Past) func(correlator.Message, correlator.Result, *correlator.View) {
	if past == nil {
		return o.Watch
	}
	return func(m correlator.Message, r correlator.Result, v *correlator.View) {
		past.Take(r.Departed)
		if o.Watch != nil {
			o.Watch(m, r, v.With(past))
		}
	}
}

// errReadOnly is what a replay gets that would write to the log it reads.
var errReadOnly = errors.New("a replay does not write")

// pastLog is a log up to a position, that nobody can write to.
type pastLog struct {
	eventlog.Log
	until uint64
}

func (l pastLog) State(ctx context.Context) (eventlog.State, error) {
	st, err := l.Log.State(ctx)
	st.Last = min(st.Last, l.until)
	return st, err
}

func (pastLog) Append(context.Context, []eventlog.Entry) error { return errReadOnly }

func (pastLog) AppendGuarded(context.Context, eventlog.Entry, uint64) (uint64, error) {
	return 0, errReadOnly
}

func (l pastLog) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return &pastReader{r, l.until}, err
}

// pastReader hands out nothing beyond a position; there it waits to be ended.
type pastReader struct {
	eventlog.Reader
	until uint64
}

func (r *pastReader) Next(ctx context.Context) (eventlog.Message, error) {
	m, err := r.Reader.Next(ctx)
	if err == nil && m.Position > r.until {
		<-ctx.Done()
		return eventlog.Message{}, ctx.Err()
	}
	return m, err
}

func (r *pastReader) TryNext() (eventlog.Message, bool, error) {
	m, ok, err := r.Reader.TryNext()
	return m, ok && m.Position <= r.until, err
}

// telling takes what is told in place of an alert stream.
type telling struct {
	fn    func(eventlog.Entry)
	sum   hash.Hash
	count int
}

func (t *telling) Publish(_ context.Context, e eventlog.Entry) error {
	t.count++
	sumEntry(t.sum, e)
	if t.fn != nil {
		t.fn(e)
	}
	return nil
}

func (t *telling) PublishAll(ctx context.Context, es []eventlog.Entry) error {
	for _, e := range es {
		if err := t.Publish(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// forgetful is a quarantine that keeps nothing: what a replay cannot read is in
// the one of the live run.
type forgetful struct{}

func (forgetful) Put(context.Context, eventlog.Entry) error { return nil }

// stopped is the clock of a replay: time is what the log says.
type stopped struct{}

func (stopped) Wall() time.Time                      { return time.Unix(0, 0).UTC() }
func (stopped) Monotonic() time.Duration             { return 0 }
func (stopped) After(time.Duration) <-chan time.Time { return nil }

// unmeasured drops an engine's metrics: they are of the live run.
type unmeasured struct{}

func (unmeasured) EventApplied(string, string)                          {}
func (unmeasured) EventQuarantined(string)                              {}
func (unmeasured) AlertPublished(string, string, string, time.Duration) {}
func (unmeasured) SetLag(int64)                                         {}
func (unmeasured) SetOpenAccesses(int64)                                {}
func (unmeasured) SetArmedTimers(int64)                                 {}
func (unmeasured) SetOverdue(time.Duration)                             {}
func (unmeasured) SetOutboxDepth(int64)                                 {}
func (unmeasured) SetSourceProgressAge(string, time.Duration)           {}
