package jetstream

import (
	"context"
	"sync"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// Source events are refused at 90 % of the stream's size, so that ticks, policy,
// operators and the system can still be heard when it is full.
const (
	sourceShare = 90 // percent
	watchShare  = 80 // percent; from here on the server is asked before each group
	stateAge    = 10 * time.Second
)

// space estimates how full the stream is, without asking for every group.
type space struct {
	state func(context.Context) (eventlog.State, error)

	mu    sync.Mutex
	limit uint64 // 0: none
	used  uint64 // as told, and what was appended since
	at    time.Time
}

// refresh asks the server when the estimate is old or near the limit. An error
// leaves the estimate: the server refuses at its own limit anyhow.
func (s *space) refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	near := s.limit > 0 && s.used >= s.limit/100*watchShare
	if !near && time.Since(s.at) < stateAge {
		return nil
	}
	st, err := s.state(ctx)
	if err != nil {
		return err
	}
	s.limit, s.used, s.at = st.Limit, st.Bytes, time.Now()
	return nil
}

// takes reports whether so many bytes from a source may still come.
func (s *space) takes(bytes int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit == 0 || s.used+uint64(bytes) <= s.limit/100*sourceShare
}

func (s *space) add(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used += uint64(bytes)
}

// sizeOf estimates what an entry occupies in the stream's files: record header and
// checksum, and the headers that each publish carries.
func sizeOf(e eventlog.Entry) int {
	n := 22 + 8 + len(e.Subject) + len(e.Body) + 160 + len(e.MsgID)
	for k, vs := range e.Header {
		for _, v := range vs {
			n += len(k) + len(v) + 4
		}
	}
	return n
}
