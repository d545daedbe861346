package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/checkpoint"
	"github.com/overstay/overstay/store/eventlog"
)

// Config is everything an engine is made from.
type Config struct {
	Log        eventlog.Log
	Alerts     eventlog.Alerts
	Quarantine eventlog.Quarantine
	// Published reads the alert stream back, to compare it with what was published;
	// nil leaves that out.
	Published eventlog.AlertsReader
	Store     store.Store
	// Policy is the text in force from now on; empty keeps what the log says,
	// or the default where it says nothing.
	Policy string
	// Compile makes a policy from its text. The same text must always give the
	// same policy.
	Compile func(text string) (*correlator.Policy, error)
	// Fixed, where it is set, is the policy from the beginning to the end, whatever
	// Policy or the log say: a review asks what another policy would have said.
	Fixed *correlator.Policy
	// Watch, where it is set, sees what each step made of the state, before it is
	// committed. It must not keep the view.
	Watch func(correlator.Message, correlator.Result, *correlator.View)
	// Tell, where it is set, says of what is to be published whether anybody wants it:
	// the rest is neither encoded nor told. A review asks of one alert among many.
	Tell func(correlator.Publication) bool
	// ShowDeparted has the results that Watch sees say what leaves the state.
	ShowDeparted bool
	Clock        Clock
	Logger       *slog.Logger
	Metrics      Metrics
	// Tracer may be nil.
	Tracer Tracer
	// Checkpoints are where copies of the state are kept, and started from where
	// there is no state; nil keeps none. The store must be a store.Snapshotter.
	Checkpoints *checkpoint.Folder
	// CheckpointEvery is the time between two of them, a day when 0; there is one
	// before the message after the newest could leave the log, too.
	CheckpointEvery time.Duration
	// CheckpointKeep is how many of the newest are kept, 3 when 0; besides these, one
	// that reaches back to the oldest message of the log, and some between.
	CheckpointKeep int
	// BatchMessages bounds how many messages one commit holds; 0 means 1,024. It takes
	// what is at hand, so that only an engine that is behind makes large ones.
	BatchMessages int
	// PublishTogether is from how many on the alerts that wait are published as one
	// batch; 0 means 24, what a batch is worth to the server.
	PublishTogether int
	// KeptBytes is how much of what was published is kept in the store, to be
	// published again should the alert stream lose it; 0 means 16 MiB.
	KeptBytes int
	// KeepRecords is how many records stay decoded from one batch to the next; 0 means
	// correlator.DefaultKeep. It is a matter of memory and of time: no alert depends on it.
	KeepRecords int
	// Manual leaves ticking to the caller (see [Engine.Tick]): replays and
	// demonstrations drive time themselves.
	Manual bool
	// TrustClock: an operator says that the machine's clock is right, even if it
	// jumped by more than a day since the last tick in the log.
	TrustClock bool
	// Fail is called at the [Points] of the loop; an error ends the engine
	// there. For tests of crashes; nil in production.
	Fail func(point string) error
}

// Metrics takes what the engine counts. All methods may be called from several
// goroutines.
type Metrics interface {
	EventApplied(class, result string)
	EventQuarantined(reason string)
	AlertPublished(rule, severity, state string, latency time.Duration)
	SetLag(positions int64)
	SetOpenAccesses(n int64)
	SetArmedTimers(n int64)
	SetOverdue(d time.Duration)
	SetOutboxDepth(n int64)
	SetSourceProgressAge(source string, age time.Duration)
}

// Tracer continues the trace of an event through applying and publishing.
type Tracer interface {
	// Span starts a span under a W3C traceparent and returns the traceparent
	// for what follows, and a function that ends it.
	Span(name, traceparent string) (next string, end func(error))
}

// Clock is the only door to real time; the loop itself never looks at it.
type Clock interface {
	Wall() time.Time
	// Monotonic counts from the start of this boot and never goes back.
	Monotonic() time.Duration
	// After fires once d has passed.
	After(d time.Duration) <-chan time.Time
}

// Engine applies one log to one state.
type Engine struct {
	cfg    Config
	boot   string
	pol    *correlator.Policy
	pos    store.Position
	marked uint64 // what keyEnd was last written as
	outbox *outbox
	// core is the state as the last batch left it, decoded; nil before the first.
	core *correlator.Working
	// flight is the batch that is being committed, nil if none is; uncommitted is why
	// one was not, after which the process must end.
	flight      *flight
	uncommitted error
	behind      bool   // there was more at hand than one batch takes
	goal        uint64 // where the log ended at the start: ready is who has come so far
	// silent: what follows from the log is told to nobody.
	silent bool
	// begun: the state was begun with nothing; parted: an epoch was. quiet: nothing is told until the last
	// event of toldRun, which lists what was told before, is applied.
	begun, parted, quiet bool
	toldRun              string
	differing            chan struct{} // something was told before otherwise
	// restored: the state says that it was restored, and shall no longer.
	restored bool

	mu      sync.Mutex
	applied uint64
	due     dueState
	waiters map[chan struct{}]uint64
	ready   atomic.Bool
	last    atomic.Uint64 // newest position of the log, as last seen
	// Why the engine is not ready though it has caught up once: nil where it is.
	held    atomic.Pointer[string] // why log time waits, nil while it does not
	stalled atomic.Pointer[string] // its clock
	lagging atomic.Pointer[string] // its reading
	full    atomic.Pointer[string] // the alert stream

	drainBy atomic.Pointer[context.Context]

	checkpointing sync.Mutex // one at a time
	checkpointed  atomic.Pointer[Checkpointed]
}

// dueState is what the ticker needs to know.
type dueState struct {
	now     correlator.Time // log time
	next    correlator.Time
	backlog bool
	leaving bool
	wake    chan struct{} // closed and replaced at each change
}

// New checks the configuration and makes an engine. Run starts it.
func New(cfg Config) (*Engine, error) {
	switch {
	case cfg.Log == nil, cfg.Alerts == nil, cfg.Quarantine == nil, cfg.Store == nil:
		return nil, fmt.Errorf("engine: a log, an alert stream, a quarantine and a store are needed")
	case cfg.Compile == nil, cfg.Clock == nil, cfg.Logger == nil, cfg.Metrics == nil:
		return nil, fmt.Errorf("engine: a policy compiler, a clock, a logger and metrics are needed")
	}
	if _, ok := cfg.Store.(store.Snapshotter); cfg.Checkpoints != nil && !ok {
		return nil, fmt.Errorf("engine: a %T hands out no snapshots for checkpoints", cfg.Store)
	}
	cfg.BatchMessages = cmp.Or(cfg.BatchMessages, 1024)
	cfg.PublishTogether = cmp.Or(cfg.PublishTogether, defaultTogether)
	cfg.KeptBytes = cmp.Or(cfg.KeptBytes, defaultKeptBytes)
	cfg.KeepRecords = cmp.Or(cfg.KeepRecords, correlator.DefaultKeep)
	cfg.CheckpointEvery = cmp.Or(cfg.CheckpointEvery, defaultCheckpointEvery)
	cfg.CheckpointKeep = cmp.Or(cfg.CheckpointKeep, defaultCheckpointKeep)
	// The policy is the default until Run has read which one is in force: status
	// is asked for before that.
	e := &Engine{cfg: cfg, pol: correlator.DefaultPolicy(), waiters: map[chan struct{}]uint64{}, differing: make(chan struct{}, 1)}
	e.due = dueState{next: correlator.Forever, wake: make(chan struct{})}
	e.outbox = newOutbox(e)
	e.boot = bootID(cfg.Clock)
	return e, nil
}

// bootID tells the ticks of one process from those of another.
func bootID(c Clock) string {
	sum := sha256.Sum256([]byte(c.Wall().Format(time.RFC3339Nano) + c.Monotonic().String()))
	return hex.EncodeToString(sum[:8])
}

// Run reads, applies, commits and publishes until ctx ends, and then returns
// nil after the outbox has been emptied or the drain time is over. Any other
// return is an error after which the process must end: the restart recovers.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.open(ctx); err != nil {
		return fmt.Errorf("engine: open: %w", err)
	}
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	start := func(name string, f func(context.Context) error) {
		wg.Go(func() {
			if err := f(runCtx); err != nil && runCtx.Err() == nil {
				cancel(fmt.Errorf("engine: %s: %w", name, err))
			}
		})
	}
	start("publish", e.outbox.run)
	start("look at the log's end", e.lagLoop)
	start("take over what was told", e.takeOverLoop)
	start("look through the alerts", e.lookThrough)
	if e.cfg.Checkpoints != nil {
		start("take checkpoints", e.checkpointLoop)
	}
	if !e.cfg.Manual {
		start("tick", e.tickLoop)
	}
	err := e.loop(runCtx)
	cancel(err)
	wg.Wait()
	if cause := context.Cause(runCtx); ctx.Err() == nil && cause != nil {
		return cause
	}
	if ctx.Err() == nil || err != nil {
		return err
	}
	return e.drain()
}

// drainLimit is how long publishing may go on after a stop was asked for, where
// the caller says nothing else; what is left stays in the outbox and goes out at
// the next start.
const drainLimit = 5 * time.Second

// DrainUntil has Run drain, once its context has ended, no longer than until this
// one ends.
func (e *Engine) DrainUntil(ctx context.Context) { e.drainBy.Store(&ctx) }

func (e *Engine) drain() error {
	ctx := context.Background()
	if by := e.drainBy.Load(); by != nil {
		ctx = *by
	}
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	if err := e.outbox.drain(ctx, e.outbox.publishAlone); err != nil {
		e.cfg.Logger.Warn("alerts stay in the outbox until the next start", "error", err)
	}
	return e.commitDone()
}

// Applied is the position up to which the state has been committed.
func (e *Engine) Applied() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.applied
}

// WaitApplied returns once the state has been committed up to a position.
func (e *Engine) WaitApplied(ctx context.Context, position uint64) error {
	ch := make(chan struct{})
	e.mu.Lock()
	if e.applied >= position {
		e.mu.Unlock()
		return nil
	}
	e.waiters[ch] = position
	e.mu.Unlock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		e.mu.Lock()
		delete(e.waiters, ch)
		e.mu.Unlock()
		return ctx.Err()
	}
}

// WaitSettled returns once the state has been committed up to a position, no timer
// or job is waiting, and all of it has been published: what an operator said has
// had all of its effect.
func (e *Engine) WaitSettled(ctx context.Context, position uint64) error {
	if err := e.WaitApplied(ctx, position); err != nil {
		return err
	}
	for {
		e.mu.Lock()
		due := e.due
		e.mu.Unlock()
		if !due.backlog {
			return e.WaitPublished(ctx)
		}
		select {
		case <-due.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitPublished returns once everything committed so far has been published.
func (e *Engine) WaitPublished(ctx context.Context) error { return e.outbox.wait(ctx) }

// Outbox is how many publications are committed and not yet in the alert stream.
func (e *Engine) Outbox() int { return e.outbox.waiting() }

// moved tells everybody who waits that the state has advanced.
func (e *Engine) moved(position uint64, g correlator.Glance) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.applied = position
	if e.last.Load() < position {
		e.last.Store(position)
	}
	for ch, want := range e.waiters {
		if want <= position {
			close(ch)
			delete(e.waiters, ch)
		}
	}
	e.due.now = g.Now
	if e.due.next != g.NextDue || e.due.backlog != g.Backlog || e.due.leaving != g.Leaving {
		e.due.next, e.due.backlog, e.due.leaving = g.NextDue, g.Backlog, g.Leaving
		close(e.due.wake)
		e.due.wake = make(chan struct{})
	}
}

// View gives read access to the committed state, for reports.
func (e *Engine) View() correlator.State { return newOverlay(e.cfg.Store) }

// Policy is the policy in force.
func (e *Engine) Policy() *correlator.Policy {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pol
}

func (e *Engine) setPolicy(p *correlator.Policy) {
	e.mu.Lock()
	e.pol = p
	e.mu.Unlock()
}

// fail runs a failpoint.
func (e *Engine) fail(point string) error {
	if e.cfg.Fail == nil {
		return nil
	}
	return e.cfg.Fail(point)
}

// entryFor makes the log entry of an inner event.
func entryFor(ev events.Event) (eventlog.Entry, error) {
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		return eventlog.Entry{}, fmt.Errorf("encode %s: %w", ev.Type.Short(), err)
	}
	return eventlog.Entry{Subject: events.SubjectOf(ev), Header: header, Body: body, MsgID: MessageID("overstay", ev)}, nil
}

// MessageID is the log's message id of an event: made by the gateway from the
// authenticated client, the source, its numbering and the id, so that no client can
// choose another's. The number is part of it: a record that its source wrote twice
// has two numbers, and if the log dropped the second it would look like a hole.
func MessageID(client string, ev events.Event) string {
	h := sha256.New()
	for _, part := range []string{client, ev.Sequence.String(), ev.Source, ev.ID} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
