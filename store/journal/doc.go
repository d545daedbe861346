// Package journal notices that commits are missing from a store that keeps its
// promises only mostly. It is bytes to be written with each commit, and a check of
// what is there at the next start; what writes and reads them is the store's
// business. Package badger uses it on the disk, and the simulation of the engine on
// one that loses what the seed says.
//
// Every commit bears a number. It writes its record, deletes the record that is
// Kept commits older, and moves the head, in one transaction. A new store begins
// with Kept records. So there are exactly that many records in a row, up to the
// head's: a commit that is lost from anywhere leaves the older record behind that
// it should have deleted, or a hole. The records are chained by hash, with the
// digest of each commit's operations and its position.
//
// What was lost from the end shows in nothing but the position, which is then that
// of an earlier commit.
//
// Imports store.
package journal
