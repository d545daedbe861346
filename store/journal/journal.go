package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/overstay/overstay/store"
)

// Prefix begins all keys of the journal; the store keeps its own apart from them.
const Prefix = 0x00

var (
	formatKey     = []byte{Prefix, 'f'} // written with the first records, never again
	headKey       = []byte{Prefix, 'h'}
	journalPrefix = []byte{Prefix, 'j'}
)

// format names the layout of keys, values and records. A store of another one
// is rebuilt.
const format = "overstay state 1"

// Journal says how many records there are, always.
type Journal struct{ Kept uint64 }

// Record is what the journal says of one commit. That of the last is the head.
type Record struct {
	N        uint64
	Position store.Position
	chain    [32]byte // over the record before and all of this one
	digest   [32]byte // over the operations
}

// Op is one key to be written along with a commit; without a value, to be deleted.
type Op struct{ Key, Value []byte }

// Reader is a store as the check reads it: see [store.Store].
type Reader interface {
	Get(key []byte) ([]byte, error)
	Scan(prefix, from []byte, fn func(key, value []byte) bool) error
}

// Commits is how many commits there were since the store was new.
func (j Journal) Commits(head Record) uint64 { return head.N - j.Kept }

// Begin is what a new store writes first: records that stand for commits of
// nothing, so that each real commit finds one to delete.
func (j Journal) Begin() (Record, []Op, error) {
	h := Record{chain: sha256.Sum256([]byte(format))}
	ops := []Op{{formatKey, []byte(format)}}
	var value []byte
	for range j.Kept {
		var err error
		if h, err = h.next([32]byte{}, store.Position{}); err != nil {
			return h, nil, err
		}
		if value, err = h.encode(); err != nil {
			return h, nil, err
		}
		ops = append(ops, Op{recordKey(h.N), value})
	}
	return h, append(ops, Op{headKey, value}), nil
}

// Next is the record of the commit that follows a head, and what is to be written
// in the same transaction.
func (j Journal) Next(head Record, b *store.Batch) (Record, []Op, error) {
	next, err := head.next(digest(b.Ops), b.Position)
	if err != nil {
		return next, nil, err
	}
	value, err := next.encode()
	if err != nil {
		return next, nil, err
	}
	return next, []Op{{headKey, value}, {recordKey(next.N), value}, {recordKey(next.N - j.Kept), nil}}, nil
}

// Head is the record of the last commit, unverified.
func (j Journal) Head(r Reader) (Record, error) {
	value, err := r.Get(headKey)
	if errors.Is(err, store.ErrNotFound) {
		return Record{}, fmt.Errorf("%w: the journal has no head", store.ErrCorrupt)
	}
	if err != nil {
		return Record{}, fmt.Errorf("reading the head of the journal: %w", err)
	}
	return decodeRecord(value)
}

// next chains the record of the following commit.
func (r Record) next(digest [32]byte, p store.Position) (Record, error) {
	n := Record{N: r.N + 1, digest: digest, Position: p}
	text, err := json.Marshal(p)
	if err != nil {
		return Record{}, fmt.Errorf("writing position: %w", err)
	}
	h := sha256.New()
	h.Write(r.chain[:])
	h.Write(binary.BigEndian.AppendUint64(nil, n.N))
	h.Write(digest[:])
	h.Write(text)
	h.Sum(n.chain[:0])
	return n, nil
}

// recordSize is that of the fixed part, before the position.
const recordSize = 8 + 32 + 32

func (r Record) encode() ([]byte, error) {
	text, err := json.Marshal(r.Position)
	if err != nil {
		return nil, fmt.Errorf("writing position: %w", err)
	}
	b := make([]byte, 0, recordSize+len(text))
	b = binary.BigEndian.AppendUint64(b, r.N)
	b = append(b, r.chain[:]...)
	b = append(b, r.digest[:]...)
	return append(b, text...), nil
}

func decodeRecord(b []byte) (Record, error) {
	var r Record
	if len(b) < recordSize {
		return r, fmt.Errorf("%w: a journal record has %d bytes", store.ErrCorrupt, len(b))
	}
	r.N = binary.BigEndian.Uint64(b)
	copy(r.chain[:], b[8:])
	copy(r.digest[:], b[40:])
	if err := json.Unmarshal(b[recordSize:], &r.Position); err != nil {
		return r, fmt.Errorf("%w: the position of commit %d is unreadable: %w", store.ErrCorrupt, r.N, err)
	}
	again, err := r.encode()
	if err != nil {
		return r, err
	}
	if !bytes.Equal(again, b) { // JSON can be read that we did not write
		return r, fmt.Errorf("%w: the record of commit %d is not as it was written", store.ErrCorrupt, r.N)
	}
	return r, nil
}

func recordKey(n uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(journalPrefix), n)
}

// digest names a set of operations.
func digest(ops map[string]store.Op) (sum [32]byte) {
	h := sha256.New()
	var head [17]byte
	for _, key := range slices.Sorted(maps.Keys(ops)) {
		value := ops[key].Value
		head[0] = 'p'
		if value == nil {
			head[0] = 'd'
		}
		binary.BigEndian.PutUint64(head[1:], uint64(len(key)))
		binary.BigEndian.PutUint64(head[9:], uint64(len(value)))
		h.Write(head[:])
		h.Write([]byte(key))
		h.Write(value)
	}
	h.Sum(sum[:0])
	return sum
}
