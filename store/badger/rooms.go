package badger

import (
	"reflect"
	"unsafe"

	badgerdb "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/ristretto/v2/z"
)

const (
	// roomsKept is how many rooms Badger keeps to build tables in (NewAllocatorPool in
	// its db.go), and roomBytes how large one may be that waits for the next table.
	roomsKept = 8
	roomBytes = 8 << 20
)

// rooms are what Badger builds tables in. It keeps eight, takes the one that has waited
// longest, and gives none back while it builds something every two seconds. A flushed
// memtable needs 60 MB, so that under load all eight become that large: 432 MB were
// measured after three million keys. There is no option for it, and the field has no
// name outside; that it is where it is looked for, a test says.
type rooms struct{ pool *z.AllocatorPool }

func roomsOf(db *badgerdb.DB) rooms {
	f := reflect.ValueOf(db).Elem().FieldByName("allocPool")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*z.AllocatorPool]() {
		return rooms{}
	}
	return rooms{(*z.AllocatorPool)(unsafe.Pointer(f.Pointer()))}
}

// release gives back those that wait and are large. It must not be called once the
// store is closed: then they are gone.
func (r rooms) release() {
	if r.pool == nil {
		return
	}
	for range roomsKept {
		room := r.pool.Get(1, "")
		size := room.Allocated()
		if size >= roomBytes/8 && size <= roomBytes {
			r.pool.Return(room)
			continue
		}
		room.Release()
		if size < roomBytes/8 {
			return // it was made for this: none waits
		}
	}
}
