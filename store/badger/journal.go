package badger

import (
	"errors"
	"fmt"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/journal"
)

// userPrefix begins the keys of the user. They never meet those of the journal,
// which begin with [journal.Prefix].
const userPrefix = 0x01

// kept is how many journal records there are, always.
const kept = 1024

var commits = journal.Journal{Kept: kept}

// openJournal verifies the journal, or begins it in an empty store.
func openJournal(db *badgerdb.DB) (journal.Record, error) {
	var h journal.Record
	empty := false
	err := db.View(func(txn *badgerdb.Txn) (err error) {
		it := txn.NewIterator(badgerdb.IteratorOptions{})
		it.Rewind()
		empty = !it.Valid()
		it.Close()
		if !empty {
			h, err = commits.Verify(raw{txn})
		}
		return err
	})
	if err != nil || !empty {
		return h, err
	}
	return beginJournal(db)
}

func beginJournal(db *badgerdb.DB) (journal.Record, error) {
	h, ops, err := commits.Begin()
	if err == nil {
		err = db.Update(func(txn *badgerdb.Txn) error { return write(txn, ops) })
	}
	if err != nil {
		return h, fmt.Errorf("beginning the journal: %w", err)
	}
	return h, nil
}

// write makes the journal's part of a transaction.
func write(txn *badgerdb.Txn, ops []journal.Op) error {
	for _, op := range ops {
		var err error
		if op.Value == nil {
			err = txn.Delete(op.Key)
		} else {
			err = txn.Set(op.Key, op.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// raw is a transaction as the journal reads it.
type raw struct{ txn *badgerdb.Txn }

// Get implements journal.Reader.
func (r raw) Get(key []byte) ([]byte, error) {
	item, err := r.txn.Get(key)
	if errors.Is(err, badgerdb.ErrKeyNotFound) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return item.ValueCopy(nil)
}

// Scan implements journal.Reader.
func (r raw) Scan(prefix, _ []byte, fn func(key, value []byte) bool) error {
	it := r.txn.NewIterator(badgerdb.IteratorOptions{Prefix: prefix, PrefetchValues: true, PrefetchSize: 100})
	defer it.Close()
	for it.Seek(prefix); it.Valid(); it.Next() {
		value, err := it.Item().ValueCopy(nil)
		if err != nil {
			return err
		}
		if !fn(it.Item().Key(), value) {
			return nil
		}
	}
	return nil
}
