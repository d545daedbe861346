// Package tail follows log files line by line, for the connectors that read a
// file which somebody else writes and rotates.
//
// A [File] is one path through all its rotations. It reads what is there and
// never waits; a [Follower] reads several files and waits between polls. Both
// hand over every line once, with its place and with the [Position] behind it,
// which a connector stores in its cursor and gives back at the next start.
//
// What it copes with: a file that is not there yet; a last line that is still
// being written; rotation by rename, several times while nobody looked, also
// while the writer still holds the old file; rotation by copy and truncate,
// where the rest of the lines is fetched from the copy if there is one; a line
// longer than the limit, which is skipped with its place. What it cannot do: read
// a rotated file that was compressed or deleted before it was read to its end.
// That is reported as a skip with [ErrLost], never passed over in silence.
//
// What it says of a file besides is its [Presence]: whether the path names the file
// that is read. Progress may be claimed only of a file that is [There]; [Absence]
// words what is to be told of the others, and from when on.
//
// A file is recognised by a hash of its first bytes, because names move and inode
// numbers are used again; the inode number decides only between files that are
// still empty.
//
// The package imports nothing of ours, starts no goroutine, and reads the clock
// nowhere: the wait between polls is a function of [Config].
package tail
