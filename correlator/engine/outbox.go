package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/overstay/overstay/store"
)

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

// keptSubjects are the subjects of the kept rows, for any severity.
func (b *outbox) keptSubjects() map[string]string {
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

// finish notes that the oldest rows are published, and gives the number of those
// that wait.
func (b *outbox) finish(rows []row) int {
	b.mu.Lock()
	b.rows = b.rows[len(rows):]
	for _, r := range rows {
		b.keep(r.kept(len(r.Body) + rowBytes))
		b.tip = store.Position{Epoch: r.Epoch, Seq: r.Seq}
	}
	n := len(b.rows)
	if n == 0 {
		b.emptied.Broadcast()
	}
	b.mu.Unlock()
	b.e.cfg.Metrics.SetOutboxDepth(int64(n))
	wall := b.e.cfg.Clock.Wall()
	for _, r := range rows {
		if r.Rule == "" {
			continue
		}
		var latency time.Duration
		if r.Due > 0 {
			latency = wall.Sub(time.Unix(0, r.Due))
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
