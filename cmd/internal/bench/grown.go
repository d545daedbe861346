package bench

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/eventlog"
)

const (
	perSubject = 10   // open leases of each subject
	sayEvery   = 1000 // events between two ticks of the load
	early      = 2    // windows that end before all others, for the restart
	overrunOf  = 1000 // of so many leases one outlives its approval
	dueWithin  = time.Second
	// untilDue is the time from the end of the load to when it all comes due.
	untilDue = 10 * time.Minute
)

// growth is the load of a state with many open accesses, all of which run out within
// one second. One in overrunOf was granted under an approval that ends then too, and
// has no end of its own: each is an alert.
type growth struct {
	hours
	open int
	due  time.Time
}

func grow(seed uint64, open int, emit func(eventlog.Entry) error) (*growth, error) {
	g := &growth{hours: hours{company: newCompany(seed, 2), emit: emit, now: beginning, want: 4 * open, count: map[string]uint64{}}, open: open}
	g.due = beginning.Add(time.Duration(open/sayEvery)*time.Second + untilDue)
	g.inner(policyApplied(g.now))
	for i := range open {
		if i%sayEvery == 0 {
			g.now = beginning.Add(time.Duration(i/sayEvery) * time.Second)
			g.inner(tick(g.now, beginning))
		}
		g.lease(i)
	}
	g.inner(tick(g.now.Add(time.Second), beginning))
	return g, g.err
}

// lease opens the access of a number.
func (g *growth) lease(i int) {
	// What is made one after the other comes due in another order.
	end := g.due.Add(time.Duration(i*7919%g.open) * (dueWithin / time.Duration(g.open)))
	switch {
	case i < early:
		g.overrun(i, g.due.Add(-untilDue/2*time.Duration(i+1)/early))
	case i%overrunOf == 0:
		g.overrun(i, end)
	default:
		subject := events.NewID("vault/prod/approle", fmt.Sprintf("w%07d", i/perSubject))
		g.tell(events.LeaseIssued, vault, subject, &events.Lease{LeaseID: fmt.Sprintf("database/creds/app/%08d", i), Credential: events.CredentialDynamic,
			Scope:  events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/app"},
			Expiry: &events.Expiry{Kind: events.ExpiryExact, At: end}})
	}
}

// overrun is a session that is granted under an approval and goes on after it; that
// is due at a time.
func (g *growth) overrun(i int, due time.Time) {
	who, id := person(teleport, uint64(i)), fmt.Sprintf("req-%08d", i)
	g.tell(events.ApprovalGranted, teleport, who, &events.Approval{ApprovalID: id, Requester: who, Scopes: []events.Scope{scopeOf(teleport, 0)},
		Window: &events.Window{Start: g.now, End: due.Add(-grace), EndKind: events.EndAt}, DecidedAt: g.now})
	g.tell(events.SessionStarted, teleport, who, &events.Session{SessionID: id, Scope: scopeOf(teleport, 0),
		Approvals: []events.ApprovalRef{{ID: id, AssertedBy: events.ByIssuer}}})
}

// grace is the default policy's for sessions.
const grace = 60 * time.Second

// tell tells at once, and once.
func (g *growth) tell(t events.Type, source string, subject events.ID, d events.Data) {
	g.n++
	ev, err := events.New(t, source, fmt.Sprintf("%s-%08d", t.What(), g.n), g.now, subject, d)
	g.outer(ev, err)
}

// grownRig is a rig whose state holds the growth.
type grownRig struct {
	*rig
	*growth
	tick uint64 // the last tick
}

func (r *run) measureGrown(ctx context.Context) (err error) {
	dir, remove, err := r.folder("grown")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	rig, err := r.openRig(ctx, dir, newClock(beginning))
	if err != nil {
		return err
	}
	g := &grownRig{rig: rig}
	defer func() { err = errors.Join(err, g.close()) }()
	before, err := resident()
	if err != nil {
		return err
	}
	watching, unwatch := context.WithCancel(ctx)
	defer unwatch() // also where it fails before it is told
	watch := watchFootprint(watching)
	r.Say(fmt.Sprintf("memory: %s accesses are opened", number(float64(r.Open))))
	f := &feed{ctx: ctx, log: rig.streams.Events(), told: func(n int) { r.Progress("fill the log", n, r.Open) }}
	g.growth, err = grow(r.Seed, r.Open, f.put)
	if err = errors.Join(err, f.flush()); err != nil {
		return err
	}
	g.clock.set(g.now.Add(time.Second))
	if err := r.fill(ctx, g, before, watch); err != nil {
		return err
	}
	if r.wants("restart") {
		if err := r.restart(ctx, g); err != nil {
			return err
		}
	}
	if r.wants("timers") {
		return r.timers(ctx, g)
	}
	return nil
}

// fill applies the growth, and measures what an event costs and how much memory there
// is as the state grows.
func (r *run) fill(ctx context.Context, g *grownRig, before footprint, watch *watched) (err error) {
	last, err := g.last(ctx)
	if err != nil {
		return err
	}
	r.Say("memory: they are applied")
	stop, err := r.profile("memory")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	e, err := g.run(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	const steps = 100
	var took [steps]time.Duration
	for i := range steps {
		began := time.Now()
		if err := e.reached(ctx, last*uint64(i+1)/steps); err != nil {
			return err
		}
		took[i] = time.Since(began)
		r.Progress("apply the log", i+1, steps)
	}
	most, err := watch.stop()
	if err != nil || !r.wants("memory") {
		return err
	}
	// The first steps are still cold: what follows is compared with the second tenth.
	sum := func(of []time.Duration) (t time.Duration) {
		for _, d := range of {
			t += d
		}
		return t
	}
	all := sum(took[:])
	slope := float64(sum(took[90:])) / float64(sum(took[10:20]))
	runtime.GC()
	debug.FreeOSMemory()
	now, err := resident()
	if err != nil {
		return err
	}
	if err := r.heapProfile("memory"); err != nil {
		return err
	}
	disk, err := e.state.Size()
	if err != nil {
		return err
	}
	open := correlator.Peek(e.View(), e.Policy()).Open
	const mib = 1 << 20
	r.figure("memory", "accesses open", float64(open), "", nil)
	r.figure("memory", "applied while they grew", float64(last)/all.Seconds(), "events/s", nil)
	r.figure("memory", "cost of an event, last tenth over second", slope, "", atMost(1.5, slope).of(DefaultOpen, r.Open, "open"))
	budget, own := float64(r.Memory)/mib, float64(most.own)/mib
	r.figure("memory", "its own before (baseline)", float64(before.own)/mib, "MiB", nil)
	r.figure("memory", "its own at most, from the first event in the log to the last applied", own, "MiB", atMost(budget, own).of(DefaultOpen, r.Open, "open"))
	r.figure("memory", "its own with all open, once garbage is collected", float64(now.own)/mib, "MiB", nil)
	r.figure("memory", "pages of files mapped besides, which the kernel takes back", float64(now.all-now.own)/mib, "MiB", nil)
	r.figure("memory", "both at most", float64(most.all)/mib, "MiB", nil)
	r.figure("memory", "state on disk", float64(disk)/float64(open), "bytes/access", nil)
	return nil
}

// restart starts everything on the grown state, with a window about to end.
func (r *run) restart(ctx context.Context, g *grownRig) (err error) {
	r.Say("restart: the program is started on them")
	// The first of the early windows: it ends while nobody runs, as log time has it.
	due := g.due.Add(-untilDue / 2)
	if err := g.advance(ctx, due.Add(-time.Second)); err != nil {
		return err
	}
	if err := g.rig.close(); err != nil {
		return err
	}
	began := time.Now()
	server, err := r.openRig(ctx, g.dir, g.clock)
	if err != nil {
		return err
	}
	g.rig = server
	state, err := badger.Open(filepath.Join(g.dir, "state"), badger.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	bare := time.Since(began)
	if err := errors.Join(state.Close(), g.rig.close()); err != nil {
		return err
	}

	g.clock.set(due.Add(-time.Millisecond))
	began = time.Now()
	if g.rig, err = r.openRig(ctx, g.dir, g.clock); err != nil {
		return err
	}
	tail, err := g.streams.AlertsReader().Tail(ctx, eventlog.TailOptions{New: true, Follow: true})
	if err != nil {
		return fmt.Errorf("read the alerts: %w", err)
	}
	e, err := g.run(ctx, false)
	if err != nil {
		return errors.Join(err, tail.Close())
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	if _, err := tail.Next(ctx); err != nil {
		return errors.Join(fmt.Errorf("wait for the first alert: %w", err), tail.Close())
	}
	took := time.Since(began)
	r.figure("restart", "server and store alone (baseline)", bare.Seconds(), "s", nil)
	r.figure("restart", "from the start to the first alert on its subject", took.Seconds(), "s", atMost(5, took.Seconds()).of(DefaultOpen, r.Open, "open"))
	return tail.Close()
}

// advance has log time go on to a moment, in steps that are no downtime.
func (g *grownRig) advance(ctx context.Context, to time.Time) (err error) {
	e, err := g.run(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	return g.advanceWith(ctx, e, to)
}

const stepOfTime = 4 * time.Second

func (g *grownRig) advanceWith(ctx context.Context, e *running, to time.Time) error {
	if err := g.catchUp(ctx, e); err != nil {
		return err
	}
	for now := e.logTime(); now.Before(to); {
		now = now.Add(stepOfTime)
		if now.After(to) {
			now = to
		}
		g.clock.set(now)
		if err := g.tickOnce(ctx, e); err != nil {
			return err
		}
	}
	return e.WaitPublished(ctx)
}

func (g *grownRig) catchUp(ctx context.Context, e *running) error {
	last, err := g.last(ctx)
	if err != nil {
		return err
	}
	if g.tick, err = g.streams.Events().LastOn(ctx, events.SubjectTick); err != nil {
		return fmt.Errorf("find the last tick: %w", err)
	}
	return e.reached(ctx, last)
}

func (g *grownRig) tickOnce(ctx context.Context, e *running) (err error) {
	if g.tick, err = e.Tick(ctx, g.tick); err != nil {
		return fmt.Errorf("tick: %w", err)
	}
	return e.reached(ctx, g.tick)
}

// timers has everything come due within one second, while events go on arriving.
func (r *run) timers(ctx context.Context, g *grownRig) (err error) {
	plain, err := r.plainTimers()
	if err != nil {
		return err
	}
	if err := g.advance(ctx, g.due.Add(-2*time.Second)); err != nil {
		return err
	}
	from, err := g.streams.AlertsReader().State(ctx)
	if err != nil {
		return fmt.Errorf("ask the alert stream where it ends: %w", err)
	}
	g.clock.set(g.due.Add(-2 * time.Second))
	e, err := g.run(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	if err := g.catchUp(ctx, e); err != nil {
		return err
	}
	armed := correlator.Peek(e.View(), e.Policy()).Timers
	r.Say(fmt.Sprintf("timers: %s deadlines come due in one second", number(float64(armed))))
	stop, err := r.profile("timers")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	ingest := startIngest(ctx, g.rig, 500, time.Minute)
	g.clock.set(g.due.Add(dueWithin))
	began := time.Now()
	for backlog := true; backlog; {
		if err := e.reached(ctx, e.Applied()+1); err != nil {
			return err
		}
		left := correlator.Peek(e.View(), e.Policy())
		backlog = left.NextDue != correlator.Forever && !left.NextDue.Std().After(g.due.Add(dueWithin))
		r.Progress("evaluate deadlines", max(armed-left.Timers, 0), armed)
	}
	took := time.Since(began)
	_, waits, err := ingest.stop()
	if err != nil {
		return err
	}
	if err := e.WaitPublished(ctx); err != nil {
		return err
	}
	published := time.Since(began)
	raised, err := g.inOrder(ctx, from.Last+1)
	if err != nil {
		return err
	}
	r.figure("timers", "armed before", float64(armed), "", nil)
	r.figure("timers", "keys in order of time, read and deleted from a bare Badger (baseline)", plain, "timers/s", nil)
	r.figure("timers", "evaluated, in order of when they were due", float64(r.Open)/took.Seconds(), "timers/s", nil)
	r.figure("timers", "all that were due in one second, evaluated after", took.Seconds(), "s", atMost(15, took.Seconds()).of(DefaultOpen, r.Open, "due"))
	r.figure("timers", "alerts among them, in order of when they were due", float64(raised), "", nil)
	r.figure("timers", "the last of them published after", published.Seconds(), "s", nil)
	p99 := quantile(waits, 0.99).Seconds() * 1000
	r.figure("timers", "events acknowledged meanwhile, p99", p99, "ms", atMost(250, p99).of(DefaultOpen, r.Open, "due"))
	return nil
}

// inOrder counts the alerts of the deadlines from a position on, which must be in
// order of when they were due. That sources fall silent meanwhile, where it takes
// long, is told besides.
func (g *grownRig) inOrder(ctx context.Context, from uint64) (n int, err error) {
	tail, err := g.streams.AlertsReader().Tail(ctx, eventlog.TailOptions{From: from})
	if err != nil {
		return 0, fmt.Errorf("read the alerts: %w", err)
	}
	defer tail.Close()
	var before int64
	st, err := g.streams.AlertsReader().State(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the alert stream where it ends: %w", err)
	}
	for at := from; at <= st.Last; {
		m, err := tail.Next(ctx)
		if err != nil {
			return n, fmt.Errorf("read the alerts: %w", err)
		}
		at = m.Position + 1
		due, raised, err := dueOf(m)
		if err != nil {
			return n, err
		}
		if !raised || !strings.Contains(m.Subject, ".OV-001.") {
			continue
		}
		if n++; due < before {
			return n, fmt.Errorf("the alert %s, number %d of them, was due %v before the one published before it", m.Subject, n, time.Duration(before-due))
		}
		before = due
	}
	return n, nil
}

// dueOf is when a raised alert was due, in nanoseconds since 1970.
func dueOf(m eventlog.Message) (due int64, raised bool, err error) {
	var ce struct {
		Type string `json:"type"`
		Data struct {
			Unmapped struct {
				Overstay struct {
					Due time.Time `json:"due"`
				} `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(m.Body, &ce); err != nil {
		return 0, false, fmt.Errorf("read the alert %s: %w", m.Subject, err)
	}
	at := ce.Data.Unmapped.Overstay.Due
	return at.UnixNano(), ce.Type == events.Prefix+"alert.raised" && !at.IsZero(), nil
}

// plainTimers is how many keys a second are popped in order from a store with nothing
// else in it, by a mark below which there is nothing, 256 a commit.
func (r *run) plainTimers() (rate float64, err error) {
	dir, remove, err := r.folder("plain")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s, err := badger.Open(dir, badger.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r.Say("baseline: keys are popped from a bare store")
	n := max(r.Open/10, 256)
	key := func(i int) []byte { return binary.BigEndian.AppendUint64([]byte("t"), uint64(i)) }
	for i := 0; i < n; i += 1000 {
		b := store.NewBatch()
		for j := i; j < min(i+1000, n); j++ {
			b.Put(key(j), []byte{})
		}
		if err := s.Commit(b); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	for at, popped := key(0), 0; popped < n; {
		b := store.NewBatch()
		err := s.Scan([]byte("t"), at, func(k, _ []byte) bool {
			b.Delete(slices.Clone(k))
			at = append(slices.Clone(k), 0)
			popped++
			return len(b.Ops) < 256
		})
		if err = errors.Join(err, s.Commit(b)); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
