package badger

import (
	"bytes"
	"errors"
	"fmt"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
)

// Get implements store.Store.
func (s *Store) Get(key []byte) ([]byte, error) {
	var value []byte
	err := s.views.read(func(txn *badgerdb.Txn) (err error) {
		value, err = get(txn, key)
		return err
	})
	return value, failedGet(s.dir, err)
}

func get(txn *badgerdb.Txn, key []byte) (value []byte, err error) {
	item, err := txn.Get(userKey(key))
	if err != nil {
		return nil, err
	}
	err = item.Value(func(sealed []byte) error {
		v, err := unseal(key, sealed)
		value = append([]byte{}, v...)
		return err
	})
	return value, err
}

// failedGet says what store.Store says of a failure.
func failedGet(dir string, err error) error {
	switch {
	case errors.Is(err, badgerdb.ErrKeyNotFound):
		return store.ErrNotFound
	case err != nil:
		return fmt.Errorf("reading a key from %s: %w", dir, err)
	}
	return nil
}

// Scan implements store.Store. It sees the state as of when it was called.
func (s *Store) Scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	err := s.views.read(func(txn *badgerdb.Txn) error { return scan(txn, prefix, from, fn) })
	if err != nil {
		return fmt.Errorf("scanning %s: %w", s.dir, err)
	}
	return nil
}

func scan(txn *badgerdb.Txn, prefix, from []byte, fn func(key, value []byte) bool) error {
	// Values are kept with their keys (open.go): there is nothing to fetch ahead, and
	// most scans want the first few keys.
	it := txn.NewIterator(badgerdb.IteratorOptions{Prefix: userKey(prefix)})
	defer it.Close()
	start := from
	if bytes.Compare(from, prefix) < 0 {
		start = prefix
	}
	more := true
	for it.Seek(userKey(start)); more && it.Valid(); it.Next() {
		key := it.Item().Key()[1:]
		err := it.Item().Value(func(sealed []byte) error {
			value, err := unseal(key, sealed)
			if err == nil {
				more = fn(key, value)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Position implements store.Store.
func (s *Store) Position() (store.Position, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.head.Position, nil
}

// Commits is how many commits the store has seen since it was new.
func (s *Store) Commits() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return commits.Commits(s.head)
}
