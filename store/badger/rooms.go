package badger

import (
	"fmt"
	"reflect"

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
// name outside. A test says that it is where it is looked for in the version that
// go.mod names, and Open that it is not in another.
type rooms struct{ pool *z.AllocatorPool }

// roomsOf finds them in a *badger.DB.
func roomsOf(db any) (rooms, error) {
	const name = "allocPool"
	want := reflect.TypeFor[*z.AllocatorPool]()
	switch f := reflect.ValueOf(db).Elem().FieldByName(name); {
	case !f.IsValid():
		return rooms{}, fmt.Errorf("%T has no field %s", db, name)
	case f.Type() != want:
		return rooms{}, fmt.Errorf("the field %s of %T is a %s, not a %s", name, db, f.Type(), want)
	case f.IsNil():
		return rooms{}, fmt.Errorf("the field %s of %T is nil", name, db)
	default:
		return rooms{(*z.AllocatorPool)(f.UnsafePointer())}, nil
	}
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
