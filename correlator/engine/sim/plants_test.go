package sim_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/engine/sim"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// plants are the mechanisms, each with a world that lacks it.
func plants() []planted {
	return []planted{
		{"check of the commit journal", 60, []string{"commit lost from the middle"}, func() sim.Seams { return sim.Seams{Unverified: true} }},
		{"hash of the message at the position", 60, []string{"log truncated, numbers used again"}, credulous},
		{"a log that went back ends the reading", 60, []string{"log truncated, numbers used again"}, onLog(func(l eventlog.Log) eventlog.Log { return undaunted{l} })},
		{"contiguity of positions", 60, []string{"hole in the log", "delivery stalls"}, onLog(func(l eventlog.Log) eventlog.Log { return holeless{l} })},
		{"asking the log for what was not delivered", 60, []string{"delivered with a hole"}, onLog(func(l eventlog.Log) eventlog.Log { return incurious{l} })},
		{"insert if absent", 60, nil, func() sim.Seams { return sim.Seams{Unguarded: true} }},
		{"outbox committed with the state", 60, []string{"process dies at a failpoint"}, onStore(func(s store.Store) store.Store { return forgetful{s} })},
		{"position committed with the state", 60, []string{"last commits lost"}, onStore(func(s store.Store) store.Store { return twoStep{s} })},
		{"end after a commit of unknown result", 60, []string{"i/o errors"}, onStore(func(s store.Store) store.Store { return optimist{s} })},
		{"end after an alert that is not published", 60, []string{"i/o errors"}, onConfig(func(c *engine.Config) { c.Alerts = shrugging{c.Alerts} })},
		{"one by one after a batch that failed", 60, []string{"batches of alerts fail"}, onConfig(func(c *engine.Config) { c.Alerts = presuming{c.Alerts} })},
		{"end after a message that quarantine did not take", 400, []string{"i/o errors", "unreadable message"}, onConfig(func(c *engine.Config) { c.Quarantine = careless{c.Quarantine} })},
		{"guard of the tick", 60, []string{"second correlator"}, onLog(func(l eventlog.Log) eventlog.Log { return ruthless{l} })},
		{"answer to the source after the log's", 60, []string{"network of a source", "log full"}, func() sim.Seams { return sim.Seams{Hasty: true} }},
		{"number in the message id", 60, []string{"source lost its cursor"}, func() sim.Seams { return sim.Seams{MessageID: unnumbered} }},
		{"settle", 200, nil, inCore(func(l eventlog.Log) eventlog.Log { return impatient{l} })},
		{"catch-up after downtime", 200, []string{"machine down for long"}, inCore(func(l eventlog.Log) eventlog.Log { return inventive{l} })},
	}
}

func onConfig(change func(*engine.Config)) func() sim.Seams {
	return func() sim.Seams {
		return sim.Seams{Config: func(c engine.Config) engine.Config {
			change(&c)
			return c
		}}
	}
}

func onLog(wrap func(eventlog.Log) eventlog.Log) func() sim.Seams {
	return onConfig(func(c *engine.Config) { c.Log = wrap(c.Log) })
}

func onStore(wrap func(store.Store) store.Store) func() sim.Seams {
	return onConfig(func(c *engine.Config) { c.Store = wrap(c.Store) })
}

// inCore wraps the log of the undisturbed runs as well.
func inCore(wrap func(eventlog.Log) eventlog.Log) func() sim.Seams {
	return func() sim.Seams {
		return sim.Seams{Core: func(c engine.Config) engine.Config {
			c.Log = wrap(c.Log)
			return c
		}}
	}
}

// trusting answers the question for the message at a position with the one that was
// read there, whatever is there now.
type trusting struct {
	eventlog.Log
	read map[uint64]eventlog.Message
}

func credulous() sim.Seams {
	read := map[uint64]eventlog.Message{}
	return onLog(func(l eventlog.Log) eventlog.Log { return trusting{l, read} })()
}

func (l trusting) At(ctx context.Context, p uint64) (eventlog.Message, error) {
	m, err := l.Log.At(ctx, p)
	if was, ok := l.read[p]; ok && err == nil {
		return was, nil
	}
	return m, err
}

func (l trusting) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return wrapped{r, func(m eventlog.Message, ok bool, err error) (eventlog.Message, bool, error) {
		if ok {
			l.read[m.Position] = m
		}
		return m, ok, err
	}}, err
}

// wrapped is a reader that changes what it hands out.
type wrapped struct {
	eventlog.Reader
	change func(m eventlog.Message, ok bool, err error) (eventlog.Message, bool, error)
}

func (r wrapped) Next(ctx context.Context) (eventlog.Message, error) {
	for {
		m, err := r.Reader.Next(ctx)
		m, ok, err := r.change(m, err == nil, err)
		if ok || err != nil {
			return m, err
		}
	}
}

func (r wrapped) TryNext() (eventlog.Message, bool, error) { return r.change(r.Reader.TryNext()) }

// holeless hides holes: it fills them with copies of what comes after.
type holeless struct{ eventlog.Log }

func (l holeless) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return &filled{Reader: r, next: max(from, 1)}, err
}

type filled struct {
	eventlog.Reader
	next uint64
	held []eventlog.Message
}

func (r *filled) fill(m eventlog.Message) eventlog.Message {
	for p := r.next; p < m.Position; p++ {
		c := m
		c.Position = p
		r.held = append(r.held, c)
	}
	r.held = append(r.held, m)
	r.next = m.Position + 1
	m, r.held = r.held[0], r.held[1:]
	return m
}

func (r *filled) Next(ctx context.Context) (eventlog.Message, error) {
	if m, ok, err := r.TryNext(); ok || err != nil {
		return m, err
	}
	m, err := r.Reader.Next(ctx)
	if err != nil {
		return m, err
	}
	return r.fill(m), nil
}

func (r *filled) TryNext() (m eventlog.Message, ok bool, err error) {
	if len(r.held) > 0 {
		m, r.held = r.held[0], r.held[1:]
		return m, true, nil
	}
	if m, ok, err = r.Reader.TryNext(); !ok || err != nil {
		return m, ok, err
	}
	return r.fill(m), true, nil
}

// incurious has no message at any position that is asked for.
type incurious struct{ eventlog.Log }

func (l incurious) At(ctx context.Context, p uint64) (eventlog.Message, error) {
	m, err := l.Log.At(ctx, p)
	if st, err := l.State(ctx); err == nil && p < st.Last {
		return m, eventlog.ErrNoMessage
	}
	return m, err
}

// undaunted goes on reading at the next number, whatever the log has become.
type undaunted struct{ eventlog.Log }

func (l undaunted) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return &stubborn{Reader: r, log: l.Log, next: max(from, 1)}, err
}

type stubborn struct {
	eventlog.Reader
	log  eventlog.Log
	next uint64
}

func (r *stubborn) Next(ctx context.Context) (eventlog.Message, error) {
	m, err := r.Reader.Next(ctx)
	if errors.Is(err, eventlog.ErrRegressed) {
		again, err := r.log.Read(ctx, r.next)
		if err != nil {
			return m, err
		}
		r.Reader = again
		return r.Next(ctx)
	}
	if err == nil {
		r.next = m.Position + 1
	}
	return m, err
}

func (r *stubborn) TryNext() (eventlog.Message, bool, error) {
	m, ok, err := r.Reader.TryNext()
	if errors.Is(err, eventlog.ErrRegressed) {
		return m, false, nil
	}
	if ok {
		r.next = m.Position + 1
	}
	return m, ok, err
}

// forgetful commits no outbox.
type forgetful struct{ store.Store }

func (s forgetful) Commit(b *store.Batch) error {
	c := store.NewBatch()
	c.Position = b.Position
	for k, op := range b.Ops {
		if !strings.HasPrefix(k, "!outbox/") {
			c.Ops[k] = op
		}
	}
	return s.Store.Commit(c)
}

// twoStep commits the position first, and then what goes with it.
type twoStep struct{ store.Store }

func (s twoStep) Commit(b *store.Batch) error {
	first := store.NewBatch()
	first.Position = b.Position
	if pos, err := s.Position(); err == nil && pos.LogID != "" {
		if err := s.Store.Commit(first); err != nil {
			return err
		}
	}
	rest := store.NewBatch()
	rest.Position = b.Position
	maps.Copy(rest.Ops, b.Ops)
	return s.Store.Commit(rest)
}

// optimist takes an error of a commit for a success.
type optimist struct{ store.Store }

func (s optimist) Commit(b *store.Batch) error {
	err := s.Store.Commit(b)
	if err != nil && !errors.Is(err, store.ErrTooBig) && !errors.Is(err, store.ErrDiskFull) {
		return nil
	}
	return err
}

// shrugging lets go of alerts that could not be published.
type shrugging struct{ eventlog.Alerts }

func (a shrugging) Publish(ctx context.Context, e eventlog.Entry) error {
	err := a.Alerts.Publish(ctx, e)
	var different *eventlog.DifferentError
	if errors.As(err, &different) || ctx.Err() != nil {
		return err
	}
	return nil
}

// presuming takes a batch of alerts for published whatever came of it.
type presuming struct{ eventlog.Alerts }

func (a presuming) PublishAll(ctx context.Context, es []eventlog.Entry) error {
	if err := a.Alerts.PublishAll(ctx, es); ctx.Err() != nil {
		return err
	}
	return nil
}

// careless passes over what quarantine does not take.
type careless struct{ eventlog.Quarantine }

func (q careless) Put(ctx context.Context, e eventlog.Entry) error {
	if err := q.Quarantine.Put(ctx, e); ctx.Err() != nil {
		return err
	}
	return nil
}

// ruthless appends ticks whoever drives time.
type ruthless struct{ eventlog.Log }

func (l ruthless) AppendGuarded(ctx context.Context, e eventlog.Entry, _ uint64) (uint64, error) {
	if err := l.Append(ctx, []eventlog.Entry{e}); err != nil {
		return 0, err
	}
	return l.LastOn(ctx, e.Subject)
}

// unnumbered is a message id without the number of the event.
func unnumbered(_ string, ev events.Event) string {
	sum := sha256.Sum256([]byte(ev.Source + "|" + ev.ID))
	return hex.EncodeToString(sum[:16])
}

// impatient waits for nobody: it takes from sources what they promise.
type impatient struct{ eventlog.Log }

func (l impatient) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := l.Log.Read(ctx, from)
	return wrapped{r, func(m eventlog.Message, ok bool, err error) (eventlog.Message, bool, error) {
		if ok {
			m = promiseless(m)
		}
		return m, ok, err
	}}, err
}

func (l impatient) At(ctx context.Context, p uint64) (eventlog.Message, error) {
	m, err := l.Log.At(ctx, p)
	return promiseless(m), err
}

// promiseless makes of a promise of progress none, and of progress something that
// nobody looks at.
func promiseless(m eventlog.Message) eventlog.Message {
	ev, err := events.DecodeNATS(m.Header, m.Body)
	if err != nil {
		return m
	}
	switch d := ev.Data.(type) {
	case *events.Resumed:
		c := *d
		c.Capabilities.Progress = false
		ev.Data = &c
	case *events.Progress:
		ev.Type, ev.Data = events.CredentialRotated, &events.Credential{CredentialID: "root"}
	default:
		return m
	}
	if m.Header, m.Body, err = events.EncodeNATS(ev); err != nil {
		panic(err) // a test's own event
	}
	m.Subject = events.SubjectOf(ev)
	return m
}

// inventive makes up the ticks that nobody wrote while the machine was off.
type inventive struct{ eventlog.Log }

func (l inventive) AppendGuarded(ctx context.Context, e eventlog.Entry, last uint64) (uint64, error) {
	now, err := events.DecodeNATS(e.Header, e.Body)
	if err != nil || last == 0 {
		return l.Log.AppendGuarded(ctx, e, last)
	}
	m, err := l.At(ctx, last)
	if err != nil {
		return 0, err
	}
	before, err := events.DecodeNATS(m.Header, m.Body)
	if err != nil {
		return 0, err
	}
	wall := now.Data.(*events.Tick).Wall
	for at := before.Data.(*events.Tick).Wall.Add(4 * time.Second); at.Before(wall) && wall.Sub(at) < time.Hour; at = at.Add(4 * time.Second) {
		tick := *now.Data.(*events.Tick)
		tick.Wall, tick.Monotonic, tick.Boot = at, 0, tick.Boot+"-"+strconv.FormatInt(at.Unix(), 10)
		ev, err := events.New(events.ClockTick, now.Source, tick.Boot+"-"+at.Format(time.RFC3339Nano), at, "", &tick)
		if err != nil {
			return 0, err
		}
		entry := eventlog.Entry{Subject: e.Subject}
		if entry.Header, entry.Body, err = events.EncodeNATS(ev); err != nil {
			return 0, err
		}
		if last, err = l.Log.AppendGuarded(ctx, entry, last); err != nil {
			return 0, err
		}
	}
	return l.Log.AppendGuarded(ctx, e, last)
}
