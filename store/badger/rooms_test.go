package badger

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/ristretto/v2/z"
	"github.com/overstay/overstay/store"
)

// TestRoomsStaySmall: what a table was built in does not stay as large as the largest.
func TestRoomsStaySmall(t *testing.T) {
	s := open(t, t.TempDir())
	defer closeStore(t, s)
	if s.rooms.pool == nil {
		t.Fatal("Badger keeps its rooms elsewhere now: see rooms.go, and db.go of this version")
	}
	commit := func() {
		t.Helper()
		b := store.NewBatch()
		b.Put([]byte("key"), []byte("value"))
		if err := s.Commit(b); err != nil {
			t.Fatal(err)
		}
	}
	commit() // there are none yet
	// As builders leave them: of a memtable, and of tables of one, two and four MiB.
	var left []*z.Allocator
	for _, begin := range []int{4 << 20, 2 << 20, 8 << 20, 16 << 20} {
		left = append(left, s.rooms.pool.Get(begin, "test"))
	}
	left[0].Allocate(50 << 20)
	for _, room := range left {
		s.rooms.pool.Return(room)
	}
	commit()
	var sizes []uint64
	for {
		room := s.rooms.pool.Get(1, "test")
		defer room.Release()
		if room.Allocated() < 1<<20 {
			break // made for this
		}
		sizes = append(sizes, room.Allocated())
		// Each of them can be built in.
		if got := len(room.Allocate(100)); got != 100 {
			t.Errorf("a room of %d bytes gives %d of 100", room.Allocated(), got)
		}
	}
	if want := []uint64{2 << 20, 8 << 20}; !slices.Equal(sizes, want) {
		t.Errorf("rooms of %d bytes wait, not of %d", sizes, want)
	}
}

// TestRoomsThatAreElsewhere: a Badger without the field, or with another under its name,
// is told apart from one with it, and nothing is given back.
func TestRoomsThatAreElsewhere(t *testing.T) {
	for want, db := range map[string]any{
		"has no field allocPool":                              &struct{ pool *z.AllocatorPool }{},
		"is a *int, not a *z.AllocatorPool":                   &struct{ allocPool *int }{new(int)},
		"the field allocPool of *struct { allocPool *z.Alloc": &struct{ allocPool *z.AllocatorPool }{},
	} {
		r, err := roomsOf(db)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, not %v", want, err)
		}
		r.release() // does nothing
	}
	pool := z.NewAllocatorPool(1)
	defer pool.Release()
	if r, err := roomsOf(&struct{ allocPool *z.AllocatorPool }{pool}); err != nil || r.pool != pool {
		t.Errorf("%v, %v", r, err)
	}
}

// TestRoomsAreFound: a store that is opened says nothing of rooms that it cannot find.
func TestRoomsAreFound(t *testing.T) {
	var said bytes.Buffer
	s, err := Open(t.TempDir(), Options{Logger: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	if said.Len() > 0 {
		t.Error(said.String())
	}
}
