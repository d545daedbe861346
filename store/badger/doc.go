// Package badger keeps the state on disk, in Badger.
//
// Badger is fast and small, and it loses committed transactions without saying
// so: it cuts its write-ahead log at the first byte it cannot read, which may be
// in the middle when two logs are unflushed, and it takes a damaged block of a
// table for one that does not hold the key. This package makes each of these
// losses loud, so that the engine rebuilds the state instead of believing it:
//
//   - Every commit bears a number. It writes its journal record, deletes the
//     record that is 1,024 commits older, and moves the head, in one
//     transaction. A new store begins with 1,024 records. So there are exactly
//     1,024 records in a row, up to the head's: a commit that is lost from
//     anywhere leaves the older record behind that it should have deleted, or a
//     hole. The records are chained by hash, with the digest of each commit's
//     operations and its position.
//   - Before Badger sees them, the checksums of all blocks of all live tables
//     are verified, as a damaged table can crash Badger while it opens.
//   - Every value is stored with a checksum over key and value, verified by each
//     read, against damage that comes while the store is open.
//   - A commit is refused while too little disk is left: Badger writes through
//     memory maps, and a full disk kills the process by SIGBUS.
//
// What was lost from the end shows in nothing but the position, which is then
// that of an earlier commit; the state is exactly that commit's, and the log
// gives the rest again.
//
// The data folder belongs on a local ext4 or xfs file system: Badger does not
// sync the directory after it creates a file, and relies on the order in which
// those journal their changes. NFS, FUSE and overlay are not supported.
//
// The value log stays empty, because no value is as large as its threshold, and
// so needs no garbage collection.
//
// Imports store.
package badger
