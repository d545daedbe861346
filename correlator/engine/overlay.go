package engine

import (
	"errors"
	"strings"

	"github.com/tidwall/btree"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store"
)

// overlay is a store plus what a batch of steps has written and not committed.
// It is the [correlator.State] of the batch. The first error of the store is
// kept, and the batch thrown away: a step that could not read is no step.
//
// Another one may lie over it while it is committed: then it changes no more, and
// whether a read finds the commit in the store or not yet, what it wrote is found here
// first.
type overlay struct {
	base  reads
	dirty btree.Map[string, []byte] // nil value: deleted
	bytes int
	err   error
}

// reads are what an overlay lies over: a store, or another overlay.
type reads interface {
	// Get returns store.ErrNotFound for a key that is not there.
	Get(key []byte) ([]byte, error)
	Scan(prefix, from []byte, fn func(key, value []byte) bool) error
}

var _ correlator.State = (*overlay)(nil)

// StateIn reads what a store holds, as a [correlator.State] for a view of it.
func StateIn(s store.Store) correlator.State { return newOverlay(s) }

func newOverlay(base reads) *overlay { return &overlay{base: base} }

// over is an overlay over this one, which from now on changes no more.
func (o *overlay) over() *overlay { return newOverlay(written{o}) }

// settle has it lie over the store itself: what it lay over is there.
func (o *overlay) settle(s store.Store) { o.base = s }

// written is an overlay as another one reads it.
type written struct{ o *overlay }

// Get implements reads.
func (w written) Get(key []byte) ([]byte, error) {
	if v, ok := w.o.dirty.Get(string(key)); ok {
		if v == nil {
			return nil, store.ErrNotFound
		}
		return v, nil
	}
	return w.o.base.Get(key)
}

// Scan implements reads.
func (w written) Scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	return w.o.scan(prefix, from, fn)
}

// Get implements correlator.State.
func (o *overlay) Get(key []byte) []byte {
	v, err := written{o}.Get(key)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			o.fail(err)
		}
		return nil
	}
	return v
}

// Put implements correlator.State.
func (o *overlay) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	o.bytes += len(key) + len(value)
	o.dirty.Set(string(key), value)
}

// Delete implements correlator.State.
func (o *overlay) Delete(key []byte) {
	o.bytes += len(key)
	o.dirty.Set(string(key), nil)
}

// Scan implements correlator.State.
func (o *overlay) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
	if err := o.scan(prefix, from, fn); err != nil {
		o.fail(err)
	}
}

// scan hands out the keys of what it lies over and its own, merged in order.
func (o *overlay) scan(prefix, from []byte, fn func(key, value []byte) bool) error {
	start := max(string(prefix), string(from))
	it := o.dirty.Iter()
	mine := it.Seek(start)
	inPrefix := func() bool { return mine && strings.HasPrefix(it.Key(), string(prefix)) }
	// emitMine hands out own keys below limit ("" for all that are left).
	emitMine := func(limit string, all bool) bool {
		for inPrefix() && (all || it.Key() < limit) {
			if v := it.Value(); v != nil && !fn([]byte(it.Key()), v) {
				return false
			}
			mine = it.Next()
		}
		return true
	}
	more := true
	err := o.base.Scan(prefix, from, func(k, v []byte) bool {
		key := string(k)
		if more = emitMine(key, false); !more {
			return false
		}
		if inPrefix() && it.Key() == key {
			own := it.Value()
			mine = it.Next()
			if own != nil {
				more = fn(k, own)
			}
			return more
		}
		more = fn(k, v)
		return more
	})
	if err == nil && more {
		emitMine("", true)
	}
	return err
}

func (o *overlay) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// batch is what the overlay has written, as one commit.
func (o *overlay) batch(at store.Position) *store.Batch {
	b := &store.Batch{Ops: make(map[string]store.Op, o.dirty.Len()), Position: at}
	o.dirty.Scan(func(k string, v []byte) bool {
		b.Ops[k] = store.Op{Value: v}
		return true
	})
	return b
}
