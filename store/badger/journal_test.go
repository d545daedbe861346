package badger

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	badgerdb "github.com/dgraph-io/badger/v4"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/journal"
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
	h, ops, err := commits.Begin()
	if err != nil {
		t.Fatal(err)
	}
	wrote := map[string][]byte{} // of each key, what is there before commit n
	write := func(ops []journal.Op) {
		for _, op := range ops {
			wrote[string(op.Key)] = op.Value
		}
	}
	write(ops)
	var lost []journal.Op
	before := map[string][]byte{}
	for seq := uint64(1); seq <= s.Commits(); seq++ {
		b := store.NewBatch()
		b.Position.Seq = seq
		b.Put([]byte("k"), fmt.Append(nil, seq))
		if h, ops, err = commits.Next(h, b); err != nil {
			t.Fatal(err)
		}
		if seq == n {
			lost, before = ops, maps.Clone(wrote)
		}
		write(ops)
	}
	if h != s.head {
		t.Fatal("the test does not compute what the store wrote")
	}
	err = s.db.Update(func(txn *badgerdb.Txn) error {
		for _, op := range lost {
			if op.Value != nil && !bytes.Equal(wrote[string(op.Key)], op.Value) {
				continue // a later commit wrote it again
			}
			if err := undo(txn, op.Key, before[string(op.Key)]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func undo(txn *badgerdb.Txn, key, value []byte) error {
	if value == nil {
		return txn.Delete(key)
	}
	return txn.Set(key, value)
}

func TestLostBeginningIsFound(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	commitKeys(t, s, 1, "a")
	if err := s.db.Update(func(txn *badgerdb.Txn) error { return txn.Delete([]byte{journal.Prefix, 'f'}) }); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	if _, err := Open(dir, quiet); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Open returned %v", err)
	}
}
