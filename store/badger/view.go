package badger

import (
	"sync"

	badgerdb "github.com/dgraph-io/badger/v4"
)

// view is a read transaction over what one commit left, shared by all who read until
// the next one: to begin and end one of its own costs a read a good part of what it
// takes, and while a commit is on its way Badger has whoever begins one wait for it.
type view struct {
	txn   *badgerdb.Txn
	users int // reads under way, and one more while it is the newest
}

// views hands out the newest.
type views struct {
	mu     sync.Mutex
	newest *view
}

// renew makes a view of the last commit the newest, nil for none. It is called while
// no commit is on its way.
func (v *views) renew(txn *badgerdb.Txn) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.newest != nil {
		v.leave(v.newest)
	}
	if v.newest = nil; txn != nil {
		v.newest = &view{txn, 1}
	}
}

// leave takes a user off; the last one ends the transaction.
func (v *views) leave(w *view) {
	if w.users--; w.users == 0 {
		w.txn.Discard()
	}
}

// read calls fn with the newest view. Nobody waits for it.
func (v *views) read(fn func(*badgerdb.Txn) error) error {
	v.mu.Lock()
	w := v.newest
	if w == nil {
		v.mu.Unlock()
		return badgerdb.ErrDBClosed
	}
	w.users++
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		v.leave(w)
		v.mu.Unlock()
	}()
	return fn(w.txn)
}
