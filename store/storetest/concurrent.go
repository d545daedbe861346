package storetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/overstay/overstay/store"
)

// readsSeeWholeCommits: each commit sets all keys to its number, and no scan may
// find two numbers.
func readsSeeWholeCommits(t *testing.T, s store.Store) {
	const commits, keys = 200, 20
	done := make(chan struct{})
	errs := make(chan error, 3)
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				if err := oneNumber(s, keys); err != nil {
					errs <- err
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := range uint64(commits) {
		b := store.NewBatch()
		b.Position.Seq = n + 1
		for k := range keys {
			b.Put(fmt.Append(nil, k), binary.BigEndian.AppendUint64(nil, n))
		}
		if err := s.Commit(b); err != nil {
			errs <- err
			break
		}
	}
	close(done)
	readers.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

func oneNumber(s store.Store, keys int) error {
	before, err := s.Position()
	if err != nil {
		return err
	}
	count, first := 0, uint64(0)
	var mixed error
	err = s.Scan(nil, nil, func(key, value []byte) bool {
		n := binary.BigEndian.Uint64(value)
		if count == 0 {
			first = n
		}
		if n != first {
			mixed = fmt.Errorf("one scan saw commits %d and %d", first, n)
		}
		count++
		return true
	})
	switch {
	case err != nil || mixed != nil:
		return errors.Join(err, mixed)
	case count != 0 && count != keys:
		return fmt.Errorf("a scan saw %d of %d keys", count, keys)
	case before.Seq > 0 && first+1 < before.Seq:
		return fmt.Errorf("the position was %d, and a scan after it saw commit %d", before.Seq, first+1)
	}
	return nil
}

// snapshotIsOneCommit: snapshots that are taken while commits are made hold what
// one commit left, with its position, however long they are read.
func snapshotIsOneCommit(t *testing.T, s store.Store) {
	const commits, keys = 200, 20
	from, ok := s.(store.Snapshotter)
	if !ok {
		t.Fatalf("%T hands out no snapshots", s)
	}
	done := make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for taken := 0; ; taken++ {
			if err := oneCommit(from, keys); err != nil {
				failed <- fmt.Errorf("snapshot %d: %w", taken, err)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	for n := range uint64(commits) {
		b := store.NewBatch()
		b.Position.Seq = n + 1
		for k := range keys {
			b.Put(fmt.Append(nil, k), binary.BigEndian.AppendUint64(nil, n+1))
		}
		b.Delete(fmt.Append(nil, "x", n))
		b.Put(fmt.Append(nil, "x", n+1), nil)
		commit(t, s, b)
	}
	close(done)
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

// oneCommit reads a snapshot twice and compares it with its position.
func oneCommit(s store.Snapshotter, keys int) error {
	snap, err := s.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	for range 2 {
		want, count, marks := snap.Position().Seq, 0, 0
		var other error
		err := snap.Scan(nil, nil, func(key, value []byte) bool {
			switch {
			case key[0] == 'x':
				marks++
				if string(key) != fmt.Sprint("x", want) {
					other = fmt.Errorf("at position %d there is %q", want, key)
				}
			case binary.BigEndian.Uint64(value) != want:
				other = fmt.Errorf("at position %d, %q is %d", want, key, binary.BigEndian.Uint64(value))
			default:
				count++
			}
			return other == nil
		})
		if err := errors.Join(err, other); err != nil {
			return err
		}
		if _, err := snap.Get(fmt.Appendf(nil, "x%d", want)); want > 0 && err != nil {
			return fmt.Errorf("at position %d, its own mark: %w", want, err)
		}
		if _, err := snap.Get(fmt.Appendf(nil, "x%d", want+1)); !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("at position %d, the mark of the next one: %w", want, err)
		}
		if want > 0 && (count != keys || marks != 1) {
			return fmt.Errorf("at position %d there are %d keys and %d marks", want, count, marks)
		}
	}
	return nil
}
