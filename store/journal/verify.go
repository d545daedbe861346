package journal

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/overstay/overstay/store"
)

// Verify checks that no commit is missing before the head, and returns that.
//
// Let m be the first lost commit of those before the head. All before it are
// there, among them the one that wrote record m-Kept; only m deletes that one,
// so it is still there, and older than any that may be. The first records, which
// stand for no commit, are known to be there by the format key of their
// transaction.
func (j Journal) Verify(r Reader) (Record, error) {
	if err := verifyFormat(r); err != nil {
		return Record{}, err
	}
	h, err := j.Head(r)
	if err != nil {
		return h, err
	}
	if h.N < j.Kept {
		return h, fmt.Errorf("%w: the journal's head is record %d", store.ErrCorrupt, h.N)
	}
	last, err := j.verifyRecords(r, h.N-j.Kept+1, h.N)
	if err != nil {
		return h, err
	}
	if last != h {
		return h, fmt.Errorf("%w: record %d differs from the journal's head", store.ErrCorrupt, h.N)
	}
	return h, nil
}

func verifyFormat(r Reader) error {
	value, err := r.Get(formatKey)
	switch {
	case errors.Is(err, store.ErrNotFound):
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
func (j Journal) verifyRecords(r Reader, first, last uint64) (Record, error) {
	var prev Record
	var bad error
	want := first
	err := r.Scan(journalPrefix, nil, func(key, value []byte) bool {
		if prev, bad = j.verifyRecord(key, value, want, last, prev); bad != nil {
			return false
		}
		want++
		return true
	})
	switch {
	case bad != nil:
		return prev, bad
	case err != nil:
		return prev, fmt.Errorf("reading the journal: %w", err)
	case want <= last:
		return prev, fmt.Errorf("%w: commits %d to %d are missing from the journal", store.ErrCorrupt, want, last)
	}
	return prev, nil
}

func (j Journal) verifyRecord(key, value []byte, want, last uint64, prev Record) (Record, error) {
	if len(key) != len(journalPrefix)+8 {
		return Record{}, fmt.Errorf("%w: a journal key has %d bytes", store.ErrCorrupt, len(key))
	}
	n := binary.BigEndian.Uint64(key[len(journalPrefix):])
	switch {
	case n > last:
		return Record{}, fmt.Errorf("%w: commit %d is there, though the last one is %d", store.ErrCorrupt, n, last)
	case n > want:
		return Record{}, fmt.Errorf("%w: commits %d to %d are missing from the journal", store.ErrCorrupt, want, n-1)
	case n < want:
		return Record{}, fmt.Errorf("%w: commit %d is missing, which deletes record %d", store.ErrCorrupt, n+j.Kept, n)
	}
	r, err := decodeRecord(value)
	if err != nil {
		return r, err
	}
	if r.N != n {
		return r, fmt.Errorf("%w: record %d says that it is %d", store.ErrCorrupt, n, r.N)
	}
	if prev.N == 0 {
		return r, nil // the oldest: what it is chained to is gone
	}
	again, err := prev.next(r.digest, r.Position)
	if err != nil {
		return r, err
	}
	if again.chain != r.chain {
		return r, fmt.Errorf("%w: the chain is broken at commit %d", store.ErrCorrupt, n)
	}
	return r, nil
}
