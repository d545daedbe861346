package badger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
)

// The key space. User keys and ours never meet.
const (
	metaPrefix = 0x00
	userPrefix = 0x01
)

var (
	formatKey     = []byte{metaPrefix, 'f'} // written with the first records, never again
	headKey       = []byte{metaPrefix, 'h'}
	journalPrefix = []byte{metaPrefix, 'j'}
)

// format names the layout of keys, values and records. A store of another one
// is rebuilt.
const format = "overstay state 1"

// kept is how many journal records there are, always.
const kept = 1024

// record is what the journal says of one commit.
type record struct {
	n        uint64
	chain    [32]byte // over the record before and all of this one
	digest   [32]byte // over the operations
	position store.Position
}

// head is the record of the last commit.
type head = record

// next chains the record of the following commit.
func (r record) next(digest [32]byte, p store.Position) (record, error) {
	n := record{n: r.n + 1, digest: digest, position: p}
	text, err := json.Marshal(p)
	if err != nil {
		return record{}, fmt.Errorf("writing position: %w", err)
	}
	h := sha256.New()
	h.Write(r.chain[:])
	h.Write(binary.BigEndian.AppendUint64(nil, n.n))
	h.Write(digest[:])
	h.Write(text)
	h.Sum(n.chain[:0])
	return n, nil
}

// recordSize is that of the fixed part, before the position.
const recordSize = 8 + 32 + 32

func (r record) encode() ([]byte, error) {
	text, err := json.Marshal(r.position)
	if err != nil {
		return nil, fmt.Errorf("writing position: %w", err)
	}
	b := make([]byte, 0, recordSize+len(text))
	b = binary.BigEndian.AppendUint64(b, r.n)
	b = append(b, r.chain[:]...)
	b = append(b, r.digest[:]...)
	return append(b, text...), nil
}

func decodeRecord(b []byte) (record, error) {
	var r record
	if len(b) < recordSize {
		return r, fmt.Errorf("%w: a journal record has %d bytes", store.ErrCorrupt, len(b))
	}
	r.n = binary.BigEndian.Uint64(b)
	copy(r.chain[:], b[8:])
	copy(r.digest[:], b[40:])
	if err := json.Unmarshal(b[recordSize:], &r.position); err != nil {
		return r, fmt.Errorf("%w: the position of commit %d is unreadable: %w", store.ErrCorrupt, r.n, err)
	}
	return r, nil
}

func journalKey(n uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(journalPrefix), n)
}

// genesis is the root of the chain.
func genesis() record { return record{chain: sha256.Sum256([]byte(format))} }

// openJournal verifies the journal, or begins it in an empty store.
func openJournal(db *badgerdb.DB) (head, error) {
	var h head
	empty := false
	err := db.View(func(txn *badgerdb.Txn) (err error) {
		it := txn.NewIterator(badgerdb.IteratorOptions{})
		it.Rewind()
		empty = !it.Valid()
		it.Close()
		if !empty {
			h, err = verifyJournal(txn)
		}
		return err
	})
	if err != nil || !empty {
		return h, err
	}
	return beginJournal(db)
}

// beginJournal writes the first records, which stand for commits of nothing:
// each real commit finds one to delete.
func beginJournal(db *badgerdb.DB) (head, error) {
	h := genesis()
	err := db.Update(func(txn *badgerdb.Txn) error {
		if err := txn.Set(formatKey, []byte(format)); err != nil {
			return err
		}
		for range kept {
			var err error
			if h, err = h.next([32]byte{}, store.Position{}); err != nil {
				return err
			}
			value, err := h.encode()
			if err != nil {
				return err
			}
			if err := txn.Set(journalKey(h.n), value); err != nil {
				return err
			}
			if h.n == kept {
				return txn.Set(headKey, value)
			}
		}
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("beginning the journal: %w", err)
	}
	return h, nil
}

// verifyJournal checks that no commit is missing before the head.
//
// Let m be the first lost commit of those before the head. All before it are
// there, among them the one that wrote record m-1024; only m deletes that one,
// so it is still there, and older than any that may be. The first records, which
// stand for no commit, are known to be there by the format key of their
// transaction.
func verifyJournal(txn *badgerdb.Txn) (head, error) {
	if err := verifyFormat(txn); err != nil {
		return head{}, err
	}
	value, err := getMeta(txn, headKey)
	if err != nil {
		return head{}, fmt.Errorf("%w: the head of the journal: %w", store.ErrCorrupt, err)
	}
	h, err := decodeRecord(value)
	if err != nil {
		return h, err
	}
	if h.n < kept {
		return h, fmt.Errorf("%w: the journal's head is record %d", store.ErrCorrupt, h.n)
	}
	last, err := verifyRecords(txn, h.n-kept+1, h.n)
	if err != nil {
		return h, err
	}
	if last != h {
		return h, fmt.Errorf("%w: record %d differs from the journal's head", store.ErrCorrupt, h.n)
	}
	return h, nil
}

func verifyFormat(txn *badgerdb.Txn) error {
	value, err := getMeta(txn, formatKey)
	switch {
	case errors.Is(err, badgerdb.ErrKeyNotFound):
		return fmt.Errorf("%w: the commits that it began with are missing", store.ErrCorrupt)
	case err != nil:
		return fmt.Errorf("reading the format: %w", err)
	case string(value) != format:
		return fmt.Errorf("%w: its format is %.40q, and this program reads %q", store.ErrCorrupt, value, format)
	}
	return nil
}

// verifyRecords checks that the journal holds exactly the records from first to
// last, each chained to the one before, and returns the last.
func verifyRecords(txn *badgerdb.Txn, first, last uint64) (record, error) {
	it := txn.NewIterator(badgerdb.IteratorOptions{Prefix: journalPrefix, PrefetchValues: true, PrefetchSize: 100})
	defer it.Close()
	var prev record
	want := first
	for it.Seek(journalPrefix); it.Valid(); it.Next() {
		r, err := verifyRecord(it.Item(), want, last, prev)
		if err != nil {
			return r, err
		}
		prev, want = r, want+1
	}
	if want <= last {
		return prev, fmt.Errorf("%w: commits %d to %d are missing from the journal", store.ErrCorrupt, want, last)
	}
	return prev, nil
}

func verifyRecord(item *badgerdb.Item, want, last uint64, prev record) (record, error) {
	key := item.Key()
	if len(key) != len(journalPrefix)+8 {
		return record{}, fmt.Errorf("%w: a journal key has %d bytes", store.ErrCorrupt, len(key))
	}
	n := binary.BigEndian.Uint64(key[len(journalPrefix):])
	switch {
	case n > last:
		return record{}, fmt.Errorf("%w: commit %d is there, though the last one is %d", store.ErrCorrupt, n, last)
	case n > want:
		return record{}, fmt.Errorf("%w: commits %d to %d are missing from the journal", store.ErrCorrupt, want, n-1)
	case n < want:
		return record{}, fmt.Errorf("%w: commit %d is missing, which deletes record %d", store.ErrCorrupt, n+kept, n)
	}
	value, err := item.ValueCopy(nil)
	if err != nil {
		return record{}, fmt.Errorf("reading record %d of the journal: %w", n, err)
	}
	r, err := decodeRecord(value)
	if err != nil {
		return r, err
	}
	if r.n != n {
		return r, fmt.Errorf("%w: record %d says that it is %d", store.ErrCorrupt, n, r.n)
	}
	if prev.n == 0 {
		return r, nil // the oldest: what it is chained to is gone
	}
	again, err := prev.next(r.digest, r.position)
	if err != nil {
		return r, err
	}
	if again.chain != r.chain {
		return r, fmt.Errorf("%w: the chain is broken at commit %d", store.ErrCorrupt, n)
	}
	return r, nil
}

func getMeta(txn *badgerdb.Txn, key []byte) ([]byte, error) {
	item, err := txn.Get(key)
	if err != nil {
		return nil, err
	}
	return item.ValueCopy(nil)
}
