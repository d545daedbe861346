package memory

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// Alerts is the alert stream in a slice: published to and read back.
type Alerts struct {
	s      *stream
	maxAge time.Duration
}

// NewAlerts makes an empty one; of the options only Now, ID and MaxAge are used.
func NewAlerts(o Options) *Alerts {
	if o.ID == "" {
		o.ID = "memory-alerts@1"
	}
	return &Alerts{newStream(o.ID, o.Now, eventlog.AnySeverity), o.MaxAge}
}

// Publish inserts the entry if its rule, id and revision are not there yet.
func (a *Alerts) Publish(ctx context.Context, e eventlog.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := eventlog.CheckEntry(e, eventlog.AlertStreamSubjects()); err != nil {
		return err
	}
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	m := a.s.newest[eventlog.AnySeverity(e.Subject)]
	if m.Position == 0 {
		a.s.add(e)
		return nil
	}
	if bytes.Equal(m.Body, e.Body) {
		return nil
	}
	return &eventlog.DifferentError{Subject: m.Subject, Stored: m}
}

// PublishAll inserts all of the entries, or none where one is there.
func (a *Alerts) PublishAll(ctx context.Context, es []eventlog.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	seen := map[string]bool{}
	for _, e := range es {
		if err := eventlog.CheckEntry(e, eventlog.AlertStreamSubjects()); err != nil {
			return err
		}
		key := eventlog.AnySeverity(e.Subject)
		if seen[key] || a.s.newest[key].Position != 0 {
			return fmt.Errorf("memory: publish %d alerts together: %s is there", len(es), e.Subject)
		}
		seen[key] = true
	}
	for _, e := range es {
		a.s.add(e)
	}
	return nil
}

// State implements eventlog.AlertsReader.
func (a *Alerts) State(ctx context.Context) (eventlog.State, error) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	st := a.s.state(0)
	st.MaxAge = a.maxAge
	return st, ctx.Err()
}

// Lose takes messages out, as damage does: those for which lost is true. If the
// newest are among them their positions are given out again.
func (a *Alerts) Lose(lost func(eventlog.Message) bool) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	for n := len(a.s.messages); n > 0 && a.s.last == a.s.messages[n-1].Position && lost(a.s.messages[n-1]); n-- {
		a.s.messages = a.s.messages[:n-1]
		a.s.last--
	}
	a.s.reset(slices.DeleteFunc(slices.Clone(a.s.messages), lost))
}

// Tail reads them back.
func (a *Alerts) Tail(ctx context.Context, o eventlog.TailOptions) (eventlog.Reader, error) {
	return a.s.read(ctx, o)
}

// Published are all alerts so far, oldest first.
func (a *Alerts) Published() []eventlog.Message {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	return append([]eventlog.Message(nil), a.s.messages...)
}

// Quarantine keeps what could not be read in a slice.
type Quarantine struct {
	s   *stream
	ids map[string]bool // message ids seen, for ever
}

// NewQuarantine makes an empty one.
func NewQuarantine(o Options) *Quarantine {
	if o.ID == "" {
		o.ID = "memory-quarantine@1"
	}
	return &Quarantine{s: newStream(o.ID, o.Now, literal), ids: map[string]bool{}}
}

// Put keeps the entry, of several with one message id the first.
func (q *Quarantine) Put(ctx context.Context, e eventlog.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := eventlog.CheckEntry(e, []string{eventlog.QuarantineSubjects}); err != nil {
		return err
	}
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	if e.MsgID == "" || !q.ids[e.MsgID] {
		q.s.add(e)
	}
	q.ids[e.MsgID] = true
	return nil
}

// Kept is everything so far, oldest first.
func (q *Quarantine) Kept() []eventlog.Message {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	return append([]eventlog.Message(nil), q.s.messages...)
}
