package store

import (
	"errors"
	"fmt"
)

// ErrNotFound is returned by Get for a key that is not there.
var ErrNotFound = errors.New("store: not found")

// ErrCorrupt means that the store failed its own check: a commit is missing from
// the middle or the chain of commits is broken. The state must be rebuilt from
// the log; nothing in the store may be believed.
var ErrCorrupt = errors.New("store: state failed its check")

// Store is an ordered map of bytes that changes only by whole commits. One
// goroutine commits; reads may come from others and see a committed state.
type Store interface {
	// Get returns a copy of the value, or ErrNotFound.
	Get(key []byte) ([]byte, error)
	// Scan calls fn for each key with the prefix, in order, from the first key
	// >= from on (nil: from the prefix), until fn returns false. Slices are
	// valid only during the call.
	Scan(prefix, from []byte, fn func(key, value []byte) bool) error
	// Commit applies the batch wholly or not at all, durably, together with its
	// position. ErrTooBig and ErrDiskFull leave everything as it was; after any
	// other error the process must end and recover, since nobody knows what is
	// on disk.
	Commit(b *Batch) error
	// Position is that of the last commit; the zero Position for a new store.
	Position() (Position, error)
	// Close releases the files.
	Close() error
}

// ErrTooBig means that a batch does not fit into one transaction.
var ErrTooBig = errors.New("store: batch does not fit into one transaction")

// ErrDiskFull means that a commit was refused, with nothing applied, before it
// could fill the disk. It goes away when there is room again.
var ErrDiskFull = errors.New("store: too little disk space is left")

// DiskFullError is the ErrDiskFull that says where, and how much is missing.
type DiskFullError struct {
	Dir     string
	Free    uint64 // bytes
	Reserve uint64 // bytes that must stay free
}

func (e *DiskFullError) Error() string {
	return fmt.Sprintf("%v: %d MiB free on the disk of %s, and %d MiB must stay free; make room, or put the data folder on a larger disk",
		ErrDiskFull, e.Free>>20, e.Dir, e.Reserve>>20)
}

// Unwrap makes it an ErrDiskFull.
func (e *DiskFullError) Unwrap() error { return ErrDiskFull }

// Position says of which log, and up to where, the state is the view.
type Position struct {
	// LogID identifies the incarnation of the log (stream name and created time).
	LogID string `json:"logId"`
	// Epoch counts incarnations that this state has lived through.
	Epoch uint64 `json:"epoch"`
	// Seq is the last applied position; 0 before the first.
	Seq uint64 `json:"seq"`
	// Anchor is the hash of the message at Seq, so that a log that went
	// backwards and reused the number is found out.
	Anchor string `json:"anchor"`
}

// Batch is one commit: what is put and deleted, last write per key wins.
type Batch struct {
	Ops      map[string]Op
	Position Position
}

// Op puts a value, or deletes the key when Value is nil.
type Op struct{ Value []byte }

// NewBatch makes an empty one.
func NewBatch() *Batch { return &Batch{Ops: map[string]Op{}} }

// Put sets a key. The value is kept, not copied.
func (b *Batch) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.Ops[string(key)] = Op{value}
}

// Delete removes a key.
func (b *Batch) Delete(key []byte) { b.Ops[string(key)] = Op{nil} }
