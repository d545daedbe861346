// Package badger keeps the state on disk, in Badger.
//
// Badger is fast and small, and it loses committed transactions without saying
// so: it cuts its write-ahead log at the first byte it cannot read, which may be
// in the middle when two logs are unflushed, and it takes a damaged block of a
// table for one that does not hold the key. This package makes each of these
// losses loud, so that the engine rebuilds the state instead of believing it:
//
//   - Every commit writes its record into a journal (package journal) of the last
//     1,024, in one transaction with all else. One that is lost from anywhere but
//     the end shows at the next start.
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
// Imports store and store/journal.
package badger
