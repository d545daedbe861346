package memory

import (
	"bytes"

	"github.com/overstay/overstay/store"
)

var _ store.Snapshotter = (*Store)(nil)

// Snapshot implements store.Snapshotter. It costs nothing.
func (s *Store) Snapshot() (store.Snapshot, error) {
	v := s.now.Load()
	if v == nil {
		return nil, ErrClosed
	}
	return snapshot{v}, nil
}

type snapshot struct{ *version }

// Position implements store.Snapshot.
func (s snapshot) Position() store.Position { return s.position }

// Get implements store.Snapshot.
func (s snapshot) Get(key []byte) ([]byte, error) {
	n := s.root.get(key)
	if n == nil {
		return nil, store.ErrNotFound
	}
	return append([]byte{}, n.value...), nil
}

// Scan implements store.Snapshot.
func (s snapshot) Scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	s.scan(prefix, from, fn)
	return nil
}

// Close implements store.Snapshot.
func (s snapshot) Close() error { return nil }

func (v *version) scan(prefix, from []byte, fn func(key, value []byte) bool) {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	v.root.walk(from, func(n *node) bool {
		return bytes.HasPrefix(n.key, prefix) && fn(n.key, n.value)
	})
}
