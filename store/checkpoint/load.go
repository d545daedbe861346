package checkpoint

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/overstay/overstay/store"
)

// Incomplete is a key that a store holds while a checkpoint is being put into it,
// and for ever if that was interrupted. Such a store is no state.
const Incomplete = "!incomplete"

// Complete reports whether a store holds no half of a checkpoint.
func Complete(s store.Store) (bool, error) {
	_, err := s.Get([]byte(Incomplete))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("ask whether the state is complete: %w", err)
	}
	return false, nil
}

// The size of a commit while loading, far below what any store refuses.
const (
	loadOps   = 10_000
	loadBytes = 1 << 20
)

// Load makes a store hold what a checkpoint does, and nothing else. The source
// hands out the records and says, once they are known to be whole, what they were;
// [File.Read] is one. The position comes with the last commit: until then the
// store holds [Incomplete] and stands at no position.
func Load(into store.Store, from func(fn func(key, value []byte) error) (Info, error)) (Info, error) {
	l := &loader{into: into}
	if err := l.clear(); err != nil {
		return Info{}, fmt.Errorf("empty the state for a checkpoint: %w", err)
	}
	info, err := from(func(key, value []byte) error {
		return l.add(func(b *store.Batch) { b.Put(bytes.Clone(key), bytes.Clone(value)) }, len(key)+len(value))
	})
	if err != nil {
		return info, err
	}
	l.batch.Delete([]byte(Incomplete))
	l.batch.Position = info.Position
	if err := into.Commit(l.batch); err != nil {
		return info, fmt.Errorf("commit the end of a checkpoint: %w", err)
	}
	return info, nil
}

// loader writes in commits of bounded size.
type loader struct {
	into  store.Store
	batch *store.Batch
	bytes int
}

func (l *loader) add(op func(*store.Batch), size int) error {
	op(l.batch)
	if l.bytes += size; l.bytes < loadBytes && len(l.batch.Ops) < loadOps {
		return nil
	}
	return l.commit()
}

func (l *loader) commit() error {
	if err := l.into.Commit(l.batch); err != nil {
		return fmt.Errorf("commit a part of a checkpoint: %w", err)
	}
	l.batch, l.bytes = store.NewBatch(), 0
	return nil
}

// clear marks the store and deletes everything else from it.
func (l *loader) clear() error {
	l.batch = store.NewBatch()
	l.batch.Put([]byte(Incomplete), nil)
	if err := l.commit(); err != nil {
		return err
	}
	var failed error
	err := l.into.Scan(nil, nil, func(key, _ []byte) bool {
		if string(key) != Incomplete {
			failed = l.add(func(b *store.Batch) { b.Delete(key) }, len(key))
		}
		return failed == nil
	})
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	return l.commit()
}
