package jetstream

import (
	"context"
	"sync"

	"github.com/overstay/overstay/store/eventlog"
)

// readAhead is how many messages a reader holds for its caller. Together with what
// the consumer has asked for this bounds its memory.
const readAhead = 1024

// reader hands out what a goroutine fetches.
type reader struct {
	out    chan eventlog.Message // closed by the goroutine, after err is set
	err    error
	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once
}

// startReader runs fetch in a goroutine until it returns; its error is what the
// caller reads after the last message.
func startReader(fetch func(ctx context.Context, r *reader) error) *reader {
	r := &reader{out: make(chan eventlog.Message, readAhead)}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(r.out)
		r.err = fetch(r.ctx, r)
		if r.ctx.Err() != nil {
			r.err = eventlog.ErrClosed
		}
	}()
	return r
}

// put waits until the caller has room; false means that ctx ended first.
func (r *reader) put(ctx context.Context, m eventlog.Message) bool {
	select {
	case r.out <- m:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *reader) Next(ctx context.Context) (eventlog.Message, error) {
	if err := ctx.Err(); err != nil {
		return eventlog.Message{}, context.Cause(ctx)
	}
	select {
	case m, ok := <-r.out:
		if !ok {
			return m, r.err
		}
		return m, nil
	case <-ctx.Done():
		return eventlog.Message{}, context.Cause(ctx)
	}
}

func (r *reader) TryNext() (eventlog.Message, bool, error) {
	select {
	case m, ok := <-r.out:
		if !ok {
			return m, false, r.err
		}
		return m, true, nil
	default:
		return eventlog.Message{}, false, nil
	}
}

// Close returns when the goroutine has ended.
func (r *reader) Close() error {
	r.once.Do(func() {
		r.cancel()
		for range r.out { //nolint:revive // drained so that the goroutine ends
		}
	})
	return nil
}
