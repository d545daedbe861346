package store

// Snapshotter is a store that hands out what one commit left, to be read while
// the next ones are made. Nobody waits for it.
type Snapshotter interface {
	// Snapshot is the state as of the last commit that had returned. It must be
	// closed: while it is open the store keeps what was overwritten since.
	Snapshot() (Snapshot, error)
}

// Snapshot is a state that does not change, with the position it was committed
// with.
type Snapshot interface {
	Position() Position
	// Get is that of [Store].
	Get(key []byte) ([]byte, error)
	// Scan is that of [Store]. A damaged value ends it with ErrCorrupt.
	Scan(prefix, from []byte, fn func(key, value []byte) bool) error
	Close() error
}
