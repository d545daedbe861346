package badger

import (
	"fmt"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
)

var _ store.Snapshotter = (*Store)(nil)

// Snapshot implements store.Snapshotter. It is one read transaction, which sees
// one commit whole, its position included, and holds up none: Badger's own Backup
// reads in several transactions at once, and was measured to mix commits while
// writes run.
func (s *Store) Snapshot() (store.Snapshot, error) {
	txn := s.db.NewTransaction(false)
	h, err := commits.Head(raw{txn})
	if err != nil {
		txn.Discard()
		return nil, fmt.Errorf("taking a snapshot of %s: %w", s.dir, err)
	}
	return &snapshot{dir: s.dir, txn: txn, position: h.Position}, nil
}

type snapshot struct {
	dir      string
	txn      *badgerdb.Txn
	position store.Position
}

// Position implements store.Snapshot.
func (s *snapshot) Position() store.Position { return s.position }

// Get implements store.Snapshot.
func (s *snapshot) Get(key []byte) ([]byte, error) {
	value, err := get(s.txn, key)
	return value, failedGet(s.dir, err)
}

// Scan implements store.Snapshot.
func (s *snapshot) Scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	if err := scan(s.txn, prefix, from, fn); err != nil {
		return fmt.Errorf("scanning a snapshot of %s: %w", s.dir, err)
	}
	return nil
}

// Close implements store.Snapshot.
func (s *snapshot) Close() error {
	s.txn.Discard()
	return nil
}
