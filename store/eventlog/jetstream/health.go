package jetstream

import (
	"errors"
	"fmt"
	"net/http"
)

// Health is nil while the server and every stream on it are well: what /healthz
// says, not its lenient js-enabled-only form, which stays green over a stream that
// can no longer write.
func (s *Server) Health() error {
	s.mu.Lock()
	ns, line := s.ns, s.log.fatalLine()
	s.mu.Unlock()
	if ns == nil {
		return errors.New("jetstream: the server is shut down")
	}
	if line != "" {
		return fmt.Errorf("jetstream: server: %s", line)
	}
	r, err := http.NewRequest(http.MethodGet, "/healthz", nil)
	if err != nil {
		return fmt.Errorf("jetstream: health request: %w", err)
	}
	w := &answer{header: http.Header{}, status: http.StatusOK}
	ns.HandleHealthz(w, r)
	if w.status != http.StatusOK {
		return fmt.Errorf("jetstream: server health: %d %s", w.status, w.body)
	}
	return nil
}

// answer keeps what a handler wrote.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header { return a.header }
func (a *answer) WriteHeader(s int)   { a.status = s }
func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}
