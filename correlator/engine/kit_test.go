package engine_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	logmemory "github.com/overstay/overstay/store/eventlog/memory"
	storememory "github.com/overstay/overstay/store/memory"
)

// world is everything around an engine. It outlives engines, as disks do.
type world struct {
	log        *logmemory.Log
	alerts     *logmemory.Alerts
	quarantine *logmemory.Quarantine
	store      store.Store
	said       *record // what the engines logged
	counts     *tally
}

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newWorld() *world {
	at := func() time.Time { return began }
	return &world{
		log:        logmemory.New(logmemory.Options{Now: at}),
		alerts:     logmemory.NewAlerts(logmemory.Options{Now: at}),
		quarantine: logmemory.NewQuarantine(logmemory.Options{Now: at}),
		store:      storememory.New(), said: &record{}, counts: &tally{applied: map[string]int{}, quarantined: map[string]int{}},
	}
}

// config is an engine whose time is driven by the log alone.
func (w *world) config() engine.Config {
	return engine.Config{
		Log: w.log, Alerts: w.alerts, Quarantine: w.quarantine, Published: w.alerts, Store: w.store,
		Compile: func(text string) (*correlator.Policy, error) { return policy.Load("policy", []byte(text)) },
		Clock:   engine.NewSystemClock(), Logger: slog.New(slog.NewTextHandler(w.said, nil)), Metrics: w.counts, Manual: true,
	}
}

func (w *world) append(t *testing.T, entries ...eventlog.Entry) {
	t.Helper()
	if err := w.log.Append(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func (w *world) last(t *testing.T) uint64 {
	t.Helper()
	st, err := w.log.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st.Last
}

// play runs an engine until it has applied and published everything that the
// log holds, and stops it. The error is the engine's own.
func (w *world) play(t *testing.T, cfg engine.Config) error {
	t.Helper()
	return w.playAnd(t, cfg, func(*engine.Engine) error { return nil })
}

// playAnd is play with something done before the engine is stopped.
func (w *world) playAnd(t *testing.T, cfg engine.Config, do func(*engine.Engine) error) error {
	t.Helper()
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- e.Run(ctx)
		stop()
	}()
	err = e.WaitApplied(ctx, w.last(t))
	// A new epoch or a policy is appended by the engine itself.
	for err == nil && e.Applied() < w.last(t) {
		err = e.WaitApplied(ctx, w.last(t))
	}
	if err == nil {
		err = e.WaitPublished(ctx)
	}
	if err == nil {
		err = do(e)
	}
	stop()
	if runErr := <-ended; runErr != nil {
		return runErr
	}
	return err
}

// mustPlay is play where nothing may go wrong.
func (w *world) mustPlay(t *testing.T) {
	t.Helper()
	if err := w.play(t, w.config()); err != nil {
		t.Fatal(err)
	}
}

// digest is one hash over the alert stream: subjects and bodies in order.
func (w *world) digest() string { return digest(w.alerts.Published()) }

func digest(published []eventlog.Message) string {
	h := sha256.New()
	for _, m := range published {
		fmt.Fprintf(h, "%d %s\n%s\n", m.Position, m.Subject, m.Body)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// told is what a test looks at in one published message.
type told struct {
	Rule, State, Closing, Approval, Subject string
	Revision                                uint64
	Origin                                  correlator.Origin
}

func (w *world) told(t *testing.T) []told {
	t.Helper()
	var out []told
	for _, m := range w.alerts.Published() {
		var ce struct {
			Data struct {
				Unmapped struct {
					Overstay told `json:"overstay"`
				} `json:"unmapped"`
			} `json:"data"`
		}
		if err := json.Unmarshal(m.Body, &ce); err != nil {
			t.Fatal(err)
		}
		v := ce.Data.Unmapped.Overstay
		v.Subject = m.Subject
		if v.Rule == "" {
			v.State = "sealed"
		}
		out = append(out, v)
	}
	return out
}

// lines are the alerts in short: rule, revision, state, closing.
func (w *world) lines(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, v := range w.told(t) {
		if v.State == "sealed" {
			out = append(out, "sealed")
			continue
		}
		line := fmt.Sprintf("%s r%d %s", v.Rule, v.Revision, v.State)
		if v.Closing != "" {
			line += " " + v.Closing
		}
		out = append(out, line)
	}
	return out
}

// glance is what the committed state says.
func (w *world) glance(t *testing.T) correlator.Glance {
	t.Helper()
	e, err := engine.New(w.config())
	if err != nil {
		t.Fatal(err)
	}
	return correlator.Peek(e.View(), e.Policy())
}

func (w *world) position(t *testing.T) store.Position {
	t.Helper()
	pos, err := w.store.Position()
	if err != nil {
		t.Fatal(err)
	}
	return pos
}

// event makes a log entry without a message id, so that a copy of it is a copy.
func event(t testing.TB, typ events.Type, source, id string, at time.Time, subject events.ID, data events.Data) eventlog.Entry {
	t.Helper()
	ev, err := events.New(typ, source, id, at, subject, data)
	if err != nil {
		t.Fatal(err)
	}
	return entry(t, ev)
}

func entry(t testing.TB, ev events.Event) eventlog.Entry {
	t.Helper()
	header, body, err := events.EncodeNATS(ev)
	if err != nil {
		t.Fatal(err)
	}
	return eventlog.Entry{Subject: events.SubjectOf(ev), Header: header, Body: body}
}

// tick is a tick of the boot "test" so long after the beginning.
func tick(t testing.TB, after time.Duration) eventlog.Entry {
	return tickOf(t, "test", after)
}

func tickOf(t testing.TB, boot string, after time.Duration) eventlog.Entry {
	t.Helper()
	at := began.Add(after)
	return event(t, events.ClockTick, "overstay://clock", boot+"-"+after.String(), at, "",
		&events.Tick{Wall: at, Monotonic: events.Duration(after), Boot: boot})
}

// record keeps what is written to it.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// tally counts what an engine counts.
type tally struct {
	mu          sync.Mutex
	applied     map[string]int // "class outcome"
	quarantined map[string]int // reason
}

func (c *tally) EventApplied(class, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.applied[class+" "+result]++
}

func (c *tally) EventQuarantined(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quarantined[reason]++
}

func (c *tally) AlertPublished(string, string, string, time.Duration) {}
func (c *tally) SetLag(int64)                                         {}
func (c *tally) SetOpenAccesses(int64)                                {}
func (c *tally) SetArmedTimers(int64)                                 {}
func (c *tally) SetOverdue(time.Duration)                             {}
func (c *tally) SetOutboxDepth(int64)                                 {}
func (c *tally) SetSourceProgressAge(string, time.Duration)           {}

var errCrash = errors.New("crash")
