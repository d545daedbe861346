package journal_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/journal"
	"github.com/overstay/overstay/store/memory"
)

var small = journal.Journal{Kept: 8}

// history is a store after each of so many commits, and what each wrote.
func history(t *testing.T, n int) (states []*memory.Store, wrote []*store.Batch) {
	t.Helper()
	s := memory.New()
	h, ops, err := small.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for seq := 0; ; seq++ {
		b := store.NewBatch()
		if seq > 0 {
			b.Position.Seq = uint64(seq)
			b.Put([]byte("k"), fmt.Append(nil, seq))
			b.Delete(fmt.Append(nil, "k", seq-1))
			if h, ops, err = small.Next(h, b); err != nil {
				t.Fatal(err)
			}
		}
		commit(t, s, b, ops)
		states, wrote = append(states, s.Clone()), append(wrote, b)
		if seq == n {
			return states, wrote
		}
	}
}

func commit(t *testing.T, s *memory.Store, b *store.Batch, ops []journal.Op) {
	t.Helper()
	for _, op := range ops {
		if op.Value == nil {
			b.Delete(op.Key)
		} else {
			b.Put(op.Key, op.Value)
		}
	}
	if err := s.Commit(b); err != nil {
		t.Fatal(err)
	}
}

// TestEveryLostCommitIsFound takes each run of commits out of histories shorter and
// longer than the journal.
func TestEveryLostCommitIsFound(t *testing.T) {
	for _, n := range []int{1, 3, 7, 8, 9, 30} {
		states, wrote := history(t, n)
		for from := 1; from <= n; from++ {
			for to := from; to <= n; to++ {
				s := states[from-1].Clone()
				for _, b := range wrote[to+1:] {
					commit(t, s, b, nil)
				}
				h, err := small.Verify(s)
				if to < n {
					if !errors.Is(err, store.ErrCorrupt) {
						t.Errorf("of %d commits %d to %d are lost: %v", n, from, to, err)
					}
					continue
				}
				if err != nil || h.Position.Seq != uint64(from-1) || small.Commits(h) != uint64(from-1) {
					t.Errorf("of %d commits %d to the last are lost: at %d, %v", n, from, h.Position.Seq, err)
				}
			}
		}
	}
}

// TestTheFirstRecordsCanBeLost: with what a store began with.
func TestTheFirstRecordsCanBeLost(t *testing.T) {
	s := memory.New()
	_, wrote := history(t, 3)
	for _, b := range wrote[1:] {
		commit(t, s, b, nil)
	}
	if _, err := small.Verify(s); !errors.Is(err, store.ErrCorrupt) {
		t.Error(err)
	}
}

// TestDamagedRecords: each byte of each record counts.
func TestDamagedRecords(t *testing.T) {
	states, _ := history(t, 20)
	s := states[20]
	type entry struct{ key, value []byte }
	var all []entry
	if err := s.Scan([]byte{journal.Prefix}, nil, func(k, v []byte) bool {
		all = append(all, entry{append([]byte{}, k...), append([]byte{}, v...)})
		return true
	}); err != nil {
		t.Fatal(err)
	}
	oldest := true // its chain is that of a record that is gone, which is not checked
	for _, e := range all {
		for i := range e.value {
			if e.key[1] == 'j' && oldest && i >= 8 {
				continue
			}
			damaged := s.Clone()
			v := append([]byte{}, e.value...)
			v[i] ^= 1
			b := store.NewBatch()
			b.Put(e.key, v)
			commit(t, damaged, b, nil)
			if _, err := small.Verify(damaged); err == nil {
				t.Errorf("bit flipped in byte %d of %q, and not found", i, e.key)
			}
		}
		if e.key[1] == 'j' {
			oldest = false
		}
	}
}
