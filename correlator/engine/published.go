package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// What was published can be lost again: the server that keeps the alert stream
// cuts a damaged block off, or leaves out a message that fails its checksum, and
// tells nobody (measured on nats-server 2.15.2). A SIEM that had not read it yet
// would never get it. So the outbox keeps what it has published for a while, and
// each life begins with a look through the whole stream: what is missing of that is
// published again, the same bytes under the same id and revision, and what is
// missing besides is said loudly.

// stock is what a look through the alert stream found, to compare the next one
// with.
type stock struct {
	ID    string    `json:"id"`
	First uint64    `json:"first"`
	Since time.Time `json:"since"` // when the stream took the first
	Last  uint64    `json:"last"`
	Holes uint64    `json:"holes"` // positions between that hold nothing
}

// lookThrough compares the alert stream with what was published, once.
func (e *Engine) lookThrough(ctx context.Context) error {
	defer e.outbox.thaw()
	if e.cfg.Published == nil {
		return nil
	}
	was, err := e.lastStock()
	if err != nil {
		return err
	}
	st, err := e.cfg.Published.State(ctx)
	if err != nil {
		return e.notLooked(ctx, err)
	}
	missing := e.outbox.keptSubjects()
	now, holesThen, err := e.takeStock(ctx, st, was, missing)
	if err != nil {
		return e.notLooked(ctx, err)
	}
	lost, err := e.lostRows(missing, st.MaxAge)
	if err != nil {
		return err
	}
	// It is told first: a life that ends between would leave nothing to tell.
	if err := e.tellLost(ctx, len(lost), gone(was, now, holesThen, len(lost), st.MaxAge, e.cfg.Clock.Wall())); err != nil {
		return e.notLooked(ctx, err)
	}
	for _, r := range lost {
		if err := e.republish(ctx, r); err != nil {
			return e.notLooked(ctx, err)
		}
	}
	if err := e.outbox.remember(keyStock, now); err != nil {
		return err
	}
	return e.fail(PointLooked)
}

// notLooked: the alert stream could not be read, which ends nothing but is not
// passed over.
func (e *Engine) notLooked(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	e.cfg.Logger.Error("the alert stream could not be looked through: whether all that was published is still there is not known", "error", err)
	return nil
}

func (e *Engine) lastStock() (stock, error) {
	var was stock
	b, err := e.cfg.Store.Get([]byte(keyStock))
	if errors.Is(err, store.ErrNotFound) {
		return was, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &was)
	}
	if err != nil {
		return was, fmt.Errorf("read what the alert stream held: %w", err)
	}
	return was, nil
}

// takeStock reads the stream from end to end. It takes out of missing what is
// there, and counts the holes, and those up to where the last look ended.
func (e *Engine) takeStock(ctx context.Context, st eventlog.State, was stock, missing map[string]string) (now stock, then uint64, err error) {
	now = stock{ID: st.ID, First: st.First, Last: st.Last}
	next := st.First
	hole := func(to uint64) { // next to to-1 are not there
		now.Holes += to - next
		if next <= was.Last {
			then += min(to, was.Last+1) - next
		}
	}
	err = eventlog.ReadAlerts(ctx, e.cfg.Published, 0, func(m eventlog.Message) error {
		if now.Since.IsZero() {
			now.Since = m.Time
		}
		if m.Position > next {
			hole(m.Position)
		}
		next = max(next, m.Position+1)
		delete(missing, eventlog.AnySeverity(m.Subject))
		return nil
	})
	if err != nil {
		return now, 0, err
	}
	if end := max(st.Last, was.Last); next <= end {
		hole(end + 1)
	}
	return now, then, nil
}

// lostRows are those that the stream lost, and did not let go for their age.
func (e *Engine) lostRows(missing map[string]string, maxAge time.Duration) ([]row, error) {
	var out []row
	for _, k := range e.outbox.keptRows() {
		if _, ok := missing[k.subject]; !ok || maxAge > 0 && e.cfg.Clock.Wall().Sub(k.at) >= maxAge {
			continue
		}
		b, err := e.cfg.Store.Get([]byte(k.key))
		if err != nil {
			return nil, fmt.Errorf("read what was published on %s: %w", k.subject, err)
		}
		var r row
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, fmt.Errorf("read what was published on %s: %w", k.subject, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// gone is how many more than were published again are missing, as far as two looks
// at the stream tell.
func gone(was, now stock, holesThen uint64, again int, maxAge time.Duration, wall time.Time) uint64 {
	if was.ID == "" {
		return 0
	}
	// A stream that was made anew may well have found the messages of the old one.
	n := holesThen - min(holesThen, was.Holes)
	if now.First > was.First && (maxAge == 0 || wall.Sub(was.Since) < maxAge) {
		n += now.First - was.First // none of them was old enough to leave
	}
	return n - min(n, uint64(again))
}

// republish inserts what is missing. Who else did so meanwhile is no harm.
func (e *Engine) republish(ctx context.Context, r row) error {
	err := e.cfg.Alerts.Publish(ctx, r.entry())
	var different *eventlog.DifferentError
	if err != nil && !errors.As(err, &different) {
		return fmt.Errorf("publish %s again: %w", r.Subject, err)
	}
	return nil
}

// tellLost says that the alert stream lost messages: in the program's own log, and
// as a fact in the log, from which OV-025 is raised.
func (e *Engine) tellLost(ctx context.Context, again int, gone uint64) error {
	if again == 0 && gone == 0 {
		return nil
	}
	detail := fmt.Sprintf("the alert stream lost %d messages, which are published again", again)
	if gone > 0 {
		detail = fmt.Sprintf("the alert stream lost %d messages that are too old to be published again", gone)
		if again > 0 {
			detail += fmt.Sprintf(", and %d that are", again)
		}
	}
	e.cfg.Logger.Error("alerts were lost from the alert stream", "publishedAgain", again, "goneForEver", gone)
	ev, err := events.New(events.SystemObserved, "overstay://engine", "alerts-"+e.boot, e.cfg.Clock.Wall(), "",
		&events.Observation{What: events.ObservedAlerts, Detail: detail})
	if err != nil {
		return fmt.Errorf("make the observation of lost alerts: %w", err)
	}
	entry, err := entryFor(ev)
	if err != nil {
		return err
	}
	if err := e.cfg.Log.Append(ctx, []eventlog.Entry{entry}); err != nil {
		return fmt.Errorf("append the observation of lost alerts: %w", err)
	}
	return nil
}
