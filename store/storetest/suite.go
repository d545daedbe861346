package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/store"
)

// Run checks the stores that open makes. Each is new, and closed by its cleanup.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name  string
		check func(*testing.T, store.Store)
	}{
		{"NewStoreIsEmpty", newStoreIsEmpty},
		{"GetReturnsACopy", getReturnsACopy},
		{"EmptyValueIsAValue", emptyValueIsAValue},
		{"LastWriteWins", lastWriteWins},
		{"PositionComesWithTheCommit", positionComesWithTheCommit},
		{"ScanIsOrdered", scanIsOrdered},
		{"ScanKeepsToItsPrefix", scanKeepsToItsPrefix},
		{"ScanStops", scanStops},
		{"CommitWithinAScan", commitWithinAScan},
		{"TooBigLeavesEverything", tooBigLeavesEverything},
		{"ReadsSeeWholeCommits", readsSeeWholeCommits},
		{"SnapshotIsOneCommit", snapshotIsOneCommit},
		{"BehavesLikeAMap", behavesLikeAMap},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, open(t)) })
	}
}

func newStoreIsEmpty(t *testing.T, s store.Store) {
	if _, err := s.Get([]byte("k")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a new store returned %v, not ErrNotFound", err)
	}
	if p, err := s.Position(); err != nil || p != (store.Position{}) {
		t.Errorf("Position of a new store is %+v, %v", p, err)
	}
	expectScan(t, s, "", "", "")
}

func getReturnsACopy(t *testing.T, s store.Store) {
	b := store.NewBatch()
	value := []byte("value")
	b.Put([]byte("k"), value)
	commit(t, s, b)
	copy(value, "XXXXX")
	first := get(t, s, "k")
	if string(first) != "value" {
		t.Errorf("after the batch's slice was used again, Get returned %q", first)
	}
	copy(first, "YYYYY")
	if again := get(t, s, "k"); string(again) != "value" {
		t.Errorf("after Get's slice was written to, Get returned %q", again)
	}
}

func emptyValueIsAValue(t *testing.T, s store.Store) {
	b := store.NewBatch()
	b.Put([]byte("empty"), []byte{})
	b.Put([]byte("nil"), nil)
	b.Put(nil, []byte("empty key"))
	commit(t, s, b)
	for _, key := range []string{"empty", "nil"} {
		if v := get(t, s, key); v == nil || len(v) != 0 {
			t.Errorf("the empty value of %q came back as %#v", key, v)
		}
	}
	expectScan(t, s, "", "", "=empty key empty= nil=")
}

func lastWriteWins(t *testing.T, s store.Store) {
	b := store.NewBatch()
	b.Put([]byte("a"), []byte("1"))
	b.Put([]byte("a"), []byte("2"))
	b.Put([]byte("b"), []byte("1"))
	b.Delete([]byte("b"))
	b.Delete([]byte("c"))
	b.Put([]byte("c"), []byte("3"))
	b.Delete([]byte("never there"))
	commit(t, s, b)
	expectScan(t, s, "", "", "a=2 c=3")

	b = store.NewBatch()
	b.Delete([]byte("a"))
	b.Put([]byte("c"), []byte("4"))
	commit(t, s, b)
	expectScan(t, s, "", "", "c=4")
	if _, err := s.Get([]byte("a")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a deleted key returned %v, not ErrNotFound", err)
	}
}

func positionComesWithTheCommit(t *testing.T, s store.Store) {
	for seq := range uint64(3) {
		b := store.NewBatch()
		b.Position = store.Position{LogID: "EVENTS 2026-05-04", Epoch: 1, Seq: seq + 1, Anchor: "ab12"}
		if seq != 1 { // a commit may move nothing but the position
			b.Put([]byte("k"), fmt.Append(nil, seq))
		}
		commit(t, s, b)
		if p, err := s.Position(); err != nil || p != b.Position {
			t.Errorf("after a commit with %+v, Position is %+v, %v", b.Position, p, err)
		}
	}
}

func scanIsOrdered(t *testing.T, s store.Store) {
	fill(t, s, "t/3", "t/1", "t/2", "t/10", "s", "u")
	expectScan(t, s, "t/", "", "t/1= t/10= t/2= t/3=")
	expectScan(t, s, "t/", "t/10", "t/10= t/2= t/3=")
	expectScan(t, s, "t/", "t/11", "t/2= t/3=")
	expectScan(t, s, "t/", "a", "t/1= t/10= t/2= t/3=")
	expectScan(t, s, "t/", "t/4", "")
	expectScan(t, s, "t/", "z", "")
	expectScan(t, s, "", "t/3", "t/3= u=")
}

func scanKeepsToItsPrefix(t *testing.T, s store.Store) {
	fill(t, s, "\x00", "\x00\xff", "a", "a\x00", "a\xff", "a\xff\xff", "b", "\xfe", "\xff", "\xff\x00", "\xff\xff", "\xff\xff\xff")
	expectScan(t, s, "a", "", "a= a\x00= a\xff= a\xff\xff=")
	expectScan(t, s, "a\xff", "", "a\xff= a\xff\xff=")
	expectScan(t, s, "\x00", "", "\x00= \x00\xff=")
	expectScan(t, s, "\xff", "", "\xff= \xff\x00= \xff\xff= \xff\xff\xff=")
	expectScan(t, s, "\xff\xff", "", "\xff\xff= \xff\xff\xff=")
	expectScan(t, s, "\xff", "\xff\xff\xff\xff", "")
	expectScan(t, s, "", "\xfe", "\xfe= \xff= \xff\x00= \xff\xff= \xff\xff\xff=")
}

func scanStops(t *testing.T, s store.Store) {
	fill(t, s, "a", "b", "c")
	var keys []string
	err := s.Scan(nil, nil, func(key, _ []byte) bool {
		keys = append(keys, string(key))
		return len(keys) < 2
	})
	if err != nil || !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("a scan that was stopped at b saw %q, %v", keys, err)
	}
}

// commitWithinAScan: the engine's jobs read a range and write to it.
func commitWithinAScan(t *testing.T, s store.Store) {
	fill(t, s, "a", "b", "c")
	var seen []string
	err := s.Scan(nil, nil, func(key, _ []byte) bool {
		seen = append(seen, string(key))
		b := store.NewBatch()
		b.Delete([]byte("c"))
		b.Put(append(bytes.Clone(key), 'x'), nil)
		commit(t, s, b)
		return true
	})
	if err != nil || !slices.Equal(seen, []string{"a", "b", "c"}) {
		t.Errorf("a scan during which the state changed saw %q, %v, and not the state that it began with", seen, err)
	}
	expectScan(t, s, "", "", "a= ax= b= bx= cx=")
}

func tooBigLeavesEverything(t *testing.T, s store.Store) {
	b := store.NewBatch()
	b.Put([]byte("a"), []byte("before"))
	b.Position.Seq = 1
	commit(t, s, b)
	many, large, value, key := store.NewBatch(), store.NewBatch(), store.NewBatch(), store.NewBatch()
	for i := range 200_000 {
		many.Put(fmt.Append(nil, "many", i), []byte("v"))
	}
	for i := range 64 {
		large.Put(fmt.Append(nil, "large", i), make([]byte, 512<<10))
	}
	value.Put([]byte("value"), make([]byte, 2<<20))
	key.Put(make([]byte, 70_000), nil)
	for _, b := range []*store.Batch{many, large, value, key} {
		b.Put([]byte("a"), []byte("after"))
		b.Position.Seq = 2
		if err := s.Commit(b); !errors.Is(err, store.ErrTooBig) {
			t.Errorf("a batch that is too big returned %v, not ErrTooBig", err)
		}
		expectScan(t, s, "", "", "a=before")
		if p, err := s.Position(); err != nil || p.Seq != 1 {
			t.Errorf("after a batch that is too big, Position is %+v, %v", p, err)
		}
	}
	b = store.NewBatch()
	b.Put([]byte("a"), []byte("after"))
	commit(t, s, b)
	expectScan(t, s, "", "", "a=after")
}

func commit(t *testing.T, s store.Store, b *store.Batch) {
	t.Helper()
	if err := s.Commit(b); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

func fill(t *testing.T, s store.Store, keys ...string) {
	t.Helper()
	b := store.NewBatch()
	for _, key := range keys {
		b.Put([]byte(key), nil)
	}
	commit(t, s, b)
}

func get(t *testing.T, s store.Store, key string) []byte {
	t.Helper()
	v, err := s.Get([]byte(key))
	if err != nil {
		t.Fatalf("Get(%q): %v", key, err)
	}
	return v
}

// expectScan compares a whole scan, written as "key=value key=value".
func expectScan(t *testing.T, s store.Store, prefix, from, want string) {
	t.Helper()
	var got []string
	err := s.Scan([]byte(prefix), []byte(from), func(key, value []byte) bool {
		got = append(got, string(key)+"="+string(value))
		return true
	})
	if err != nil {
		t.Fatalf("Scan(%q, %q): %v", prefix, from, err)
	}
	if text := strings.Join(got, " "); text != want {
		t.Errorf("Scan(%q, %q) saw\n%q\ninstead of\n%q", prefix, from, text, want)
	}
}
