package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/eventlog"
)

// standing is a log whose readers stand still after a position for as long as it
// is shut.
type standing struct {
	eventlog.Log
	mu   sync.Mutex
	shut chan struct{}
	dumb error // what State fails with
}

func (s *standing) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *standing) State(ctx context.Context) (eventlog.State, error) {
	s.mu.Lock()
	dumb := s.dumb
	s.mu.Unlock()
	if dumb != nil {
		return eventlog.State{}, dumb
	}
	return s.Log.State(ctx)
}

func (s *standing) Read(ctx context.Context, from uint64) (eventlog.Reader, error) {
	r, err := s.Log.Read(ctx, from)
	return &standingReader{r, s}, err
}

type standingReader struct {
	eventlog.Reader
	log *standing
}

func (r *standingReader) Next(ctx context.Context) (eventlog.Message, error) {
	r.log.mu.Lock()
	shut := r.log.shut
	r.log.mu.Unlock()
	if shut != nil {
		select {
		case <-shut:
		case <-ctx.Done():
			return eventlog.Message{}, ctx.Err()
		}
	}
	return r.Reader.Next(ctx)
}

// TestEngineFallsBehind: an engine that was ready is not while the log runs away
// from it, and is again once it has caught up.
func TestEngineFallsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		log := &standing{Log: w.log}
		l := w.live(t, func(c *engine.Config) { c.Log = log })
		defer l.stop()
		ready := func(after time.Duration, want string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			err := l.Ready(t.Context())
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("after %s readiness says %v, not %q", after, err, want)
			}
		}
		ready(3*time.Second, "")
		shut := make(chan struct{})
		log.set(func() { log.shut = shut })
		w.append(t, granted(t, "REQ-1", "alice", time.Minute, 11*time.Minute), granted(t, "REQ-2", "alice", time.Minute, 11*time.Minute))
		ready(5*time.Second, "")
		ready(20*time.Second, "behind the log")
		log.set(func() { log.shut = nil })
		close(shut)
		ready(3*time.Second, "")
		log.set(func() { log.dumb = errors.New("no route to host") })
		ready(2*time.Second, "does not say where it ends")
		log.set(func() { log.dumb = nil })
		ready(2*time.Second, "")
	})
}
