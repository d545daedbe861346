package badger

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
)

// TestLostCommitIsFound takes single commits out of a store, with all that they
// wrote, as Badger does when it cuts a log in the middle: the versions before
// the lost one come back to light.
func TestLostCommitIsFound(t *testing.T) {
	few, many := committed(t, 5), committed(t, 1100)
	for _, c := range []struct {
		store image
		lost  uint64
		found bool
	}{
		{few, 5, false}, // the last: the state is that of commit 4, and says so
		{few, 4, true},
		{few, 1, true},
		{many, 1100, false},
		{many, 1099, true},
		{many, 60, true}, // its own record is long gone
		{many, 1, true},
	} {
		t.Run(fmt.Sprintf("commit %d", c.lost), func(t *testing.T) {
			dir := t.TempDir()
			c.store.write(t, dir)
			s := open(t, dir)
			loseCommit(t, s, c.lost)
			closeStore(t, s)
			s, err := Open(dir, quiet)
			if c.found {
				if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "is missing, which deletes record") {
					t.Fatalf("Open returned %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer closeStore(t, s)
			if p, err := s.Position(); err != nil || p.Seq != c.lost-1 {
				t.Errorf("Position is %+v, %v", p, err)
			}
		})
	}
}

// committed is a store of so many commits to one key.
func committed(t *testing.T, commits uint64) image {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	for n := range commits {
		commitFast(t, s, n+1)
	}
	closeStore(t, s)
	return readImage(t, dir)
}

func commitFast(t *testing.T, s *Store, seq uint64) {
	t.Helper()
	b := store.NewBatch()
	b.Position.Seq = seq
	b.Put([]byte("k"), fmt.Append(nil, seq))
	if err := s.Commit(b); err != nil {
		t.Fatal(err)
	}
}

// loseCommit undoes commit n of a store of the program above.
func loseCommit(t *testing.T, s *Store, n uint64) {
	t.Helper()
	h := genesis()
	records := map[uint64][]byte{}
	for i := range kept + s.Commits() {
		b := store.NewBatch()
		var d [32]byte
		if i >= kept {
			b.Position.Seq = i - kept + 1
			b.Put([]byte("k"), fmt.Append(nil, b.Position.Seq))
			d = digest([]string{"k"}, b.Ops)
		}
		var err error
		if h, err = h.next(d, b.Position); err != nil {
			t.Fatal(err)
		}
		if records[h.n], err = h.encode(); err != nil {
			t.Fatal(err)
		}
	}
	if h != s.head {
		t.Fatal("the test does not compute what the store wrote")
	}
	last := n == s.Commits()
	err := s.db.Update(func(txn *badgerdb.Txn) error {
		errs := []error{txn.Delete(journalKey(kept + n)), txn.Set(journalKey(n), records[n])}
		if last {
			errs = append(errs, txn.Set(headKey, records[kept+n-1]))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLostBeginningIsFound(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	commitKeys(t, s, 1, "a")
	if err := s.db.Update(func(txn *badgerdb.Txn) error { return txn.Delete(formatKey) }); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	if _, err := Open(dir, quiet); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Open returned %v", err)
	}
}
