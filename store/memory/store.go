package memory

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/overstay/overstay/store"
)

// The limits on a batch are those of package badger, so that a step that fits
// here fits there.
const (
	maxOps   = 50_000
	maxBytes = 4 << 20
	maxKey   = 64_000
	maxValue = 1<<20 - 64
)

// ErrClosed is returned after Close.
var ErrClosed = errors.New("store is closed")

// Store is a store.Store in memory.
type Store struct {
	committing sync.Mutex // one commit at a time
	now        atomic.Pointer[version]
}

// version is what one commit left.
type version struct {
	root     *node
	position store.Position
}

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	s := &Store{}
	s.now.Store(&version{})
	return s
}

// Clone is another store with what this one holds now; neither sees what the
// other commits later. A closed store's clone is closed.
func (s *Store) Clone() *Store {
	c := &Store{}
	c.now.Store(s.now.Load())
	return c
}

// SameAs reports whether both hold what one commit left: nothing was committed to
// either since one was made a clone of the other.
func (s *Store) SameAs(o *Store) bool { return s.now.Load() == o.now.Load() }

// Unwritten reports whether nobody wrote a key in this store since another was its
// clone, not even the same value again.
func (s *Store) Unwritten(since *Store, key []byte) bool {
	now, then := s.now.Load(), since.now.Load()
	if now == nil || then == nil {
		return false
	}
	a, b := now.root.get(key), then.root.get(key)
	if a == nil || b == nil {
		return a == b
	}
	// An update copies nodes, never values; two that are empty cannot be told apart.
	return len(a.value) > 0 && len(a.value) == len(b.value) && &a.value[0] == &b.value[0]
}

// Get implements store.Store.
func (s *Store) Get(key []byte) ([]byte, error) {
	v := s.now.Load()
	if v == nil {
		return nil, ErrClosed
	}
	n := v.root.get(key)
	if n == nil {
		return nil, store.ErrNotFound
	}
	return append([]byte{}, n.value...), nil
}

// Scan implements store.Store. It sees the state as of when it was called.
func (s *Store) Scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	v := s.now.Load()
	if v == nil {
		return ErrClosed
	}
	v.scan(prefix, from, fn)
	return nil
}

// Commit implements store.Store.
func (s *Store) Commit(b *store.Batch) error {
	s.committing.Lock()
	defer s.committing.Unlock()
	v := s.now.Load()
	if v == nil {
		return ErrClosed
	}
	if !fits(b) {
		return fmt.Errorf("committing %d operations: %w", len(b.Ops), store.ErrTooBig)
	}
	c, next := &commit{}, &version{root: v.root, position: b.Position}
	for key, op := range b.Ops {
		if op.Value == nil {
			next.root = c.remove(next.root, []byte(key))
		} else {
			next.root = c.put(next.root, c.leaf([]byte(key), bytes.Clone(op.Value)))
		}
	}
	s.now.Store(next)
	return nil
}

func fits(b *store.Batch) bool {
	sum := 0
	for key, op := range b.Ops {
		if len(key) > maxKey || len(op.Value) > maxValue {
			return false
		}
		sum += len(key) + len(op.Value)
	}
	return len(b.Ops) <= maxOps && sum <= maxBytes
}

// Position implements store.Store.
func (s *Store) Position() (store.Position, error) {
	v := s.now.Load()
	if v == nil {
		return store.Position{}, ErrClosed
	}
	return v.position, nil
}

// Close forgets everything.
func (s *Store) Close() error {
	s.committing.Lock()
	defer s.committing.Unlock()
	s.now.Store(nil)
	return nil
}
