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
type overlay struct {
	base  store.Store
	dirty btree.Map[string, []byte] // nil value: deleted
	bytes int
	err   error
}

var _ correlator.State = (*overlay)(nil)

// StateIn reads what a store holds, as a [correlator.State] for a view of it.
func StateIn(s store.Store) correlator.State { return newOverlay(s) }

func newOverlay(base store.Store) *overlay { return &overlay{base: base} }

// Get implements correlator.State.
func (o *overlay) Get(key []byte) []byte {
	if v, ok := o.dirty.Get(string(key)); ok {
		return v
	}
	v, err := o.base.Get(key)
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

// Scan implements correlator.State: the store's keys and the batch's own, merged
// in order.
func (o *overlay) Scan(prefix, from []byte, fn func(key, value []byte) bool) {
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
	if err != nil {
		o.fail(err)
		return
	}
	if more {
		emitMine("", true)
	}
}

func (o *overlay) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// batch is what the overlay has written, as one commit.
func (o *overlay) batch(at store.Position) *store.Batch {
	b := store.NewBatch()
	b.Position = at
	o.dirty.Scan(func(k string, v []byte) bool {
		if v == nil {
			b.Delete([]byte(k))
		} else {
			b.Put([]byte(k), v)
		}
		return true
	})
	return b
}
