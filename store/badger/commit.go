package badger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
)

// Commit implements store.Store. After an error other than store.ErrTooBig and
// store.ErrDiskFull it is not known what is on disk, nor whether what reads see
// now will be there after a restart; every later Commit returns the same error.
func (s *Store) Commit(b *store.Batch) error {
	s.commit.Lock()
	defer s.commit.Unlock()
	if s.failed != nil {
		return s.failed
	}
	if err := s.checkSpace(); err != nil {
		return err
	}
	err := s.apply(b)
	switch {
	case errors.Is(err, badgerdb.ErrTxnTooBig), errors.Is(err, store.ErrTooBig):
		return fmt.Errorf("committing %d operations: %w", len(b.Ops), store.ErrTooBig)
	case err != nil:
		s.failed = fmt.Errorf("committing to %s failed, what is on disk is not certain: %w", s.dir, err)
		return s.failed
	}
	s.rooms.release()
	return nil
}

func (s *Store) apply(b *store.Batch) error {
	next, records, err := commits.Next(s.head, b)
	if err != nil {
		return err
	}
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	for key, op := range b.Ops { // in any order: Badger keeps them in a map of its own
		if err := applyOp(txn, key, op); err != nil {
			return err
		}
	}
	if err := write(txn, records); err != nil {
		return err
	}
	if err := txn.Commit(); err != nil {
		return err
	}
	s.renew()
	s.mu.Lock()
	s.head = next
	s.mu.Unlock()
	return nil
}

func applyOp(txn *badgerdb.Txn, key string, op store.Op) error {
	if len(key) > maxKey || len(op.Value) > maxValue {
		return store.ErrTooBig
	}
	if op.Value == nil {
		return txn.Delete(userKey([]byte(key)))
	}
	return txn.Set(userKey([]byte(key)), seal([]byte(key), op.Value))
}

// checkSpace keeps Badger away from a full disk. It asks before each commit:
// the answer takes a microsecond and the commit a thousand.
func (s *Store) checkSpace() error {
	free, err := freeBytes(s.dir)
	if err != nil {
		return err
	}
	if free < s.reserve {
		return &store.DiskFullError{Dir: s.dir, Free: free, Reserve: s.reserve}
	}
	return nil
}

func userKey(key []byte) []byte {
	k := make([]byte, 0, len(key)+1)
	return append(append(k, userPrefix), key...)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const sealSize = 4

// seal puts a checksum over key and value in front of the value.
func seal(key, value []byte) []byte {
	sealed := make([]byte, 0, sealSize+len(value))
	sealed = binary.BigEndian.AppendUint32(sealed, checksum(key, value))
	return append(sealed, value...)
}

// unseal checks and removes it.
func unseal(key, sealed []byte) ([]byte, error) {
	if len(sealed) < sealSize {
		return nil, fmt.Errorf("%w: the value of key %.64q has %d bytes", store.ErrCorrupt, key, len(sealed))
	}
	value := sealed[sealSize:]
	if checksum(key, value) != binary.BigEndian.Uint32(sealed) {
		return nil, fmt.Errorf("%w: the value of key %.64q fails its checksum", store.ErrCorrupt, key)
	}
	return value, nil
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}
