package badger

import (
	"testing"

	"github.com/overstay/overstay/store"
)

// TestRoomsStaySmall: what a table was built in does not stay as large as the largest.
func TestRoomsStaySmall(t *testing.T) {
	s := open(t, t.TempDir())
	defer closeStore(t, s)
	if s.rooms.pool == nil {
		t.Fatal("Badger keeps its rooms elsewhere now: see rooms.go")
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
	room := s.rooms.pool.Get(4<<20, "test")
	room.Allocate(50 << 20)
	if n := room.Allocated(); n < 50<<20 {
		t.Fatalf("a room in which 50 MiB were taken has %d bytes", n)
	}
	s.rooms.pool.Return(room)
	commit()
	again := s.rooms.pool.Get(4<<20, "test")
	defer s.rooms.pool.Return(again)
	if again != room {
		t.Error("the room is gone")
	}
	if n := again.Allocated(); n > roomBytes {
		t.Errorf("it waits with %d bytes", n)
	}
}
