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
