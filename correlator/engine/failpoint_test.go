package engine_test

import (
	"context"
	"errors"
	"sync"
)

// failpoint fails the n-th passing of one point, and everything after it: a dead
// process does nothing more.
type failpoint struct {
	point string
	n     int

	mu    sync.Mutex
	calls map[string]int
	dead  bool
}

func newFailpoint(point string, n int) *failpoint {
	return &failpoint{point: point, n: n, calls: map[string]int{}}
}

func (f *failpoint) fail(point string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[point]++
	if f.dead || point == f.point && f.calls[point] == f.n {
		f.dead = true
		return errCrash
	}
	return nil
}

// isCrash reports whether an engine ended by its failpoint.
func isCrash(err error) bool {
	return errors.Is(err, errCrash) || errors.Is(err, context.Canceled)
}
