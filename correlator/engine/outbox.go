package engine

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// row is one publication between commit and acknowledgement. Its bytes are made
// once and never again.
type row struct {
	Seq         uint64          `json:"seq"`
	Epoch       uint64          `json:"epoch"`
	Index       int             `json:"index"`
	Subject     string          `json:"subject"`
	Body        json.RawMessage `json:"body"`
	MsgID       string          `json:"msgId"`
	Anchor      string          `json:"anchor"` // of the message that caused it
	TraceParent string          `json:"traceparent,omitempty"`
	Rule        string          `json:"rule,omitempty"`
	Severity    string          `json:"severity,omitempty"`
	State       string          `json:"state,omitempty"`
	Due         int64           `json:"due,omitempty"`  // nanoseconds since 1970; 0: nothing was due
	Taken       time.Time       `json:"taken,omitzero"` // when the log took what it follows from
	err         error
}

func newRow(at correlator.Origin, anchor string, taken time.Time, index int, p correlator.Publication) row {
	r := row{Seq: at.Seq, Epoch: at.Epoch, Anchor: anchor, Index: index, Taken: taken}
	if a := p.Alert; a != nil {
		r.Body, r.err = a.Encode()
		r.Subject, r.TraceParent = a.Subject(), a.TraceParent
		r.MsgID = fmt.Sprintf("%s.%d", a.ID, a.Revision)
		r.Rule, r.Severity, r.State = string(a.Rule.ID), a.Level(), string(a.State)
		if a.State == correlator.Raised {
			r.Due = int64(a.Due)
		}
		return r
	}
	s := p.Seal
	r.Body, r.err = s.Encode()
	r.Subject, r.TraceParent = s.Subject(), s.TraceParent
	r.MsgID = fmt.Sprintf("%s.%d", s.ID(), s.Revision)
	r.State = "sealed"
	return r
}

// key orders rows by epoch, position and place within the step.
func (r row) key() []byte {
	b := []byte(keyOutbox)
	b = binary.BigEndian.AppendUint64(b, r.Epoch)
	b = binary.BigEndian.AppendUint64(b, r.Seq)
	return binary.BigEndian.AppendUint32(b, uint32(r.Index))
}

func (r row) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		return nil // refused by add: r.err or the body is not JSON
	}
	return b
}

func (r row) entry() eventlog.Entry {
	header := map[string][]string{"Content-Type": {events.ContentTypeEvent}, headerAnchor: {r.Anchor}}
	if r.TraceParent != "" {
		header["traceparent"] = []string{r.TraceParent}
	}
	return eventlog.Entry{Subject: r.Subject, Header: header, Body: r.Body, MsgID: r.MsgID}
}

// defaultKeptBytes is two blocks of the server's, since it is blocks that it loses.
const defaultKeptBytes = 16 << 20

// outbox publishes rows in order. Those that are published stay in the store for a
// while, behind a mark that tells them apart; a mark that is lost is no harm: what
// is published again the alert stream recognises.
type outbox struct {
	e *Engine

	mu      sync.Mutex
	rows    []row
	kept    []keptRow         // published, oldest first
	bytes   int               // of kept
	marked  string            // key of the last row that the store knows to be published
	frozen  bool              // kept rows are being compared with the stream: none may go
	puts    map[string][]byte // for the next commit
	tip     store.Position    // of the message that what was published last follows from
	changed chan struct{}
	emptied *sync.Cond
}

// rowBytes is what a row has besides its body, about.
const rowBytes = 400

// keptRow is a published row that the store still has.
type keptRow struct {
	key, subject string // subject for any severity
	at           time.Time
	size         int
}

func (r row) kept(size int) keptRow {
	return keptRow{key: string(r.key()), subject: eventlog.AnySeverity(r.Subject), at: r.Taken, size: size}
}

func newOutbox(e *Engine) *outbox {
	b := &outbox{e: e, frozen: true, puts: map[string][]byte{}, changed: make(chan struct{}, 1)}
	b.emptied = sync.NewCond(&b.mu)
	return b
}

// load reads what an earlier run left.
func (b *outbox) load() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	mark, err := b.e.cfg.Store.Get([]byte(keyMark))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("read what was published last: %w", err)
	}
	b.marked = string(mark)
	var bad error
	err = b.e.cfg.Store.Scan([]byte(keyOutbox), nil, func(k, v []byte) bool {
		var r row
		if bad = json.Unmarshal(v, &r); bad != nil {
			return false
		}
		if string(k) <= b.marked {
			b.keep(r.kept(len(v)))
		} else {
			b.rows = append(b.rows, r)
		}
		return true
	})
	if err = errors.Join(err, bad); err != nil {
		return fmt.Errorf("read the outbox: %w", err)
	}
	b.tip = store.Position{Epoch: b.e.pos.Epoch, Seq: b.e.pos.Seq}
	if len(b.rows) > 0 {
		b.tip = store.Position{Epoch: b.rows[0].Epoch, Seq: b.rows[0].Seq - 1}
	}
	return nil
}

func (b *outbox) keep(k keptRow) {
	b.kept = append(b.kept, k)
	b.bytes += k.size
}

// add takes committed rows over.
func (b *outbox) add(rows []row) {
	if len(rows) == 0 {
		return
	}
	b.mu.Lock()
	b.rows = append(b.rows, rows...)
	n := len(b.rows)
	b.mu.Unlock()
	b.e.cfg.Metrics.SetOutboxDepth(int64(n))
	b.signal()
}

func (b *outbox) signal() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// released is what a batch does to the published rows.
type released struct {
	rows, bytes int
	mark        string
	puts        int
}

// release marks, in the batch being made, what was published since the last one,
// and drops the oldest of what was published where there is too much of it.
func (b *outbox) release(o *overlay) released {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := released{mark: b.marked, puts: len(b.puts)}
	if n := len(b.kept); n > 0 && b.kept[n-1].key != b.marked {
		out.mark = b.kept[n-1].key
		o.Put([]byte(keyMark), []byte(out.mark))
	}
	for key, value := range b.puts {
		o.Put([]byte(key), value)
	}
	for !b.frozen && b.bytes-out.bytes > b.e.cfg.KeptBytes {
		k := b.kept[out.rows]
		o.Delete([]byte(k.key))
		out.rows, out.bytes = out.rows+1, out.bytes+k.size
	}
	return out
}

// released: the batch is committed. One that did not fit leaves all of it to the
// next.
func (b *outbox) released(r released) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept, b.bytes, b.marked = b.kept[r.rows:], b.bytes-r.bytes, r.mark
	if r.puts > 0 {
		b.puts = map[string][]byte{}
	}
}

// remember has the next commit write a value.
func (b *outbox) remember(key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.puts[key] = text
	return nil
}

// keptRows are the published rows that the store has, oldest first.
func (b *outbox) keptRows() []keptRow {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.kept)
}

// published are the subjects of the kept rows, for any severity.
func (b *outbox) published() map[string]string {
	out := map[string]string{}
	for _, k := range b.keptRows() {
		out[k.subject] = k.key
	}
	return out
}

// thaw lets old rows go again.
func (b *outbox) thaw() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frozen = false
}

// run publishes until ctx ends.
func (b *outbox) run(ctx context.Context) error {
	for {
		r, ok := b.first()
		if !ok {
			select {
			case <-b.changed:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		if err := b.publishWhenThereIsRoom(ctx, r); err != nil {
			return err
		}
	}
}

// roomEvery is how often a full alert stream is tried again.
const roomEvery = 5 * time.Second

// publishWhenThereIsRoom waits where the alert stream is full: what is to be told is
// in the outbox, and to end the process would end it again at the next start.
func (b *outbox) publishWhenThereIsRoom(ctx context.Context, r row) error {
	for said := false; ; said = true {
		err := b.publish(ctx, r)
		if !errors.Is(err, eventlog.ErrFull) {
			notReady(&b.e.full, "")
			return err
		}
		notReady(&b.e.full, "the alert stream is full: nothing is told until there is room: "+err.Error())
		if !said {
			b.e.cfg.Logger.Error("the alert stream is full: nothing is told until there is room", "error", err)
		}
		select {
		case <-b.e.cfg.Clock.After(roomEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *outbox) first() (row, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rows) == 0 {
		return row{}, false
	}
	return b.rows[0], true
}

func (b *outbox) publish(ctx context.Context, r row) error {
	if r.err != nil {
		return fmt.Errorf("encode the publication of position %d: %w", r.Seq, r.err)
	}
	if err := b.e.fail(PointBeforePublish); err != nil {
		return err
	}
	end := func(error) {}
	entry := r.entry()
	if r.TraceParent != "" && b.e.cfg.Tracer != nil {
		var next string
		next, end = b.e.cfg.Tracer.Span("publish "+r.Subject, r.TraceParent)
		entry.Header["traceparent"] = []string{next}
	}
	err := b.e.cfg.Alerts.Publish(ctx, entry)
	var different *eventlog.DifferentError
	if errors.As(err, &different) {
		err = b.adopt(ctx, r, different)
	}
	end(err)
	if err != nil {
		return fmt.Errorf("publish %s: %w", r.Subject, err)
	}
	if err := b.e.fail(PointAfterPublish); err != nil {
		return err
	}
	if b.finish(r) > 0 {
		return b.e.fail(PointBetweenPublications)
	}
	return nil
}

// headerAnchor carries the hash of the message that a publication was caused by,
// by which it is seen whether the log still has it.
const headerAnchor = "Overstay-Anchor"

// adopt decides about a revision that was published before with other bytes. By the
// same semantics in the same epoch of a log that is whole that is a contradiction,
// and the process stops; otherwise what is published stands.
func (b *outbox) adopt(ctx context.Context, r row, d *eventlog.DifferentError) error {
	ours, err := originOf(r.Body)
	if err != nil {
		return err
	}
	theirs, err := originOf(d.Stored.Body)
	if err != nil {
		return err
	}
	if ours.Semantics == theirs.Semantics && ours.LogID == theirs.LogID && ours.Epoch == theirs.Epoch {
		lost, err := b.lost(ctx, theirs.Seq, d.Stored)
		if err != nil {
			return err
		}
		if !lost {
			return d
		}
	}
	b.e.cfg.Logger.Error("an alert revision was published before by another epoch or semantics; it stands, and what differs from it is told next", "subject", r.Subject)
	b.e.askTold()
	return nil
}

// lost reports whether the log no longer has the message that caused a publication.
// A state that was rebuilt from a log without its end does not know that there was
// one, and what it says of the same epoch may differ.
func (b *outbox) lost(ctx context.Context, seq uint64, published eventlog.Message) (bool, error) {
	want := published.Header[headerAnchor]
	if len(want) != 1 {
		return false, nil
	}
	m, err := b.e.cfg.Log.At(ctx, seq)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the message at %d, which caused what was published: %w", seq, err)
	}
	return anchor(m) != want[0], nil
}

// origin is what a body says of where it comes from.
type origin struct {
	Semantics string
	correlator.Origin
}

func originOf(body []byte) (origin, error) {
	type said struct {
		Semantics string            `json:"semantics"`
		Origin    correlator.Origin `json:"origin"`
	}
	var ce struct {
		Data struct {
			said
			Unmapped struct {
				Overstay said `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &ce); err != nil {
		return origin{}, fmt.Errorf("read a published alert: %w", err)
	}
	if s := ce.Data.said; s.Semantics != "" {
		return origin{s.Semantics, s.Origin}, nil
	}
	s := ce.Data.Unmapped.Overstay
	return origin{s.Semantics, s.Origin}, nil
}

// finish notes that a row is published, and gives the number of those that wait.
func (b *outbox) finish(r row) int {
	b.mu.Lock()
	b.rows = b.rows[1:]
	b.tip = store.Position{Epoch: r.Epoch, Seq: r.Seq}
	b.keep(r.kept(len(r.Body) + rowBytes))
	n := len(b.rows)
	if n == 0 {
		b.emptied.Broadcast()
	}
	b.mu.Unlock()
	b.e.cfg.Metrics.SetOutboxDepth(int64(n))
	if r.Rule != "" {
		var latency time.Duration
		if r.Due > 0 {
			latency = b.e.cfg.Clock.Wall().Sub(time.Unix(0, r.Due))
		}
		b.e.cfg.Metrics.AlertPublished(r.Rule, r.Severity, r.State, max(latency, 0))
	}
	return n
}

// reached is the position of the message that what was published last follows from.
func (b *outbox) reached() store.Position {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tip
}

// waiting is how many rows are not published.
func (b *outbox) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rows)
}

// drain publishes what is left, each in the way that is given.
func (b *outbox) drain(ctx context.Context, publish func(context.Context, row) error) error {
	for ctx.Err() == nil {
		r, ok := b.first()
		if !ok {
			return nil
		}
		if err := publish(ctx, r); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wait returns once the outbox is empty.
func (b *outbox) wait(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.emptied.Broadcast()
	})
	defer stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.rows) > 0 && ctx.Err() == nil {
		b.emptied.Wait()
	}
	return ctx.Err()
}

// commitDone marks what was published since the last commit.
func (e *Engine) commitDone() error {
	o := newOverlay(e.cfg.Store)
	done := e.outbox.release(o)
	if o.dirty.Len() == 0 {
		return nil
	}
	if err := e.cfg.Store.Commit(o.batch(e.pos)); err != nil {
		return fmt.Errorf("commit what was published: %w", err)
	}
	e.outbox.released(done)
	return nil
}
