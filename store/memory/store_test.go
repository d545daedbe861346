package memory

import (
	"errors"
	"fmt"
	"testing"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s := New()
		t.Cleanup(func() { _ = s.Close() }) // never fails
		return s
	})
}

func TestCloneIsApart(t *testing.T) {
	s := New()
	put(t, s, "a", "1")
	c := s.Clone()
	put(t, s, "a", "2")
	put(t, c, "b", "3")
	for _, x := range []struct {
		store *Store
		key   string
		want  string
	}{{s, "a", "2"}, {c, "a", "1"}, {s, "b", ""}, {c, "b", "3"}} {
		got, err := x.store.Get([]byte(x.key))
		if x.want == "" && errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil || string(got) != x.want {
			t.Errorf("Get(%q) = %q, %v, want %q", x.key, got, err, x.want)
		}
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	s := New()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err1 := s.Get(nil)
	_, err2 := s.Position()
	err3 := s.Scan(nil, nil, nil)
	err4 := s.Commit(store.NewBatch())
	for _, err := range []error{err1, err2, err3, err4} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("a closed store returned %v", err)
		}
	}
}

func put(t testing.TB, s *Store, key, value string) {
	t.Helper()
	b := store.NewBatch()
	b.Put([]byte(key), []byte(value))
	if err := s.Commit(b); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := New()
			n := 0
			for b.Loop() {
				batch := store.NewBatch()
				for range size {
					n++
					batch.Put(fmt.Appendf(nil, "key/%09d", n*7919%1_000_000), make([]byte, 200))
				}
				if err := s.Commit(batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}

// TestWhatWasNotWritten: of a clone it is known which keys were written since, also
// with the value that they had.
func TestWhatWasNotWritten(t *testing.T) {
	s := New()
	put(t, s, "a", "1")
	put(t, s, "b", "1")
	put(t, s, "c", "1")
	before := s.Clone()
	if !s.SameAs(before) {
		t.Error("a clone is not the same")
	}
	put(t, s, "a", "1")
	put(t, s, "d", "1")
	b := store.NewBatch()
	b.Delete([]byte("c"))
	if err := s.Commit(b); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{"a": false, "b": true, "c": false, "d": false, "e": true} {
		if got := s.Unwritten(before, []byte(key)); got != want {
			t.Errorf("%s unwritten: %t", key, got)
		}
	}
	if s.SameAs(before) {
		t.Error("it is the same after three commits")
	}
}
