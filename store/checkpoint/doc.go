// Package checkpoint writes copies of a state into files, and reads them back
// only when every byte is as it was written.
//
// A checkpoint is what lets the log be shorter than its history: what began
// before the oldest message lives on in it. So it is worth as much as the log
// and is trusted less: a file counts once it was read back from the disk and
// verified, and each later reading verifies it again.
//
// # The file
//
// It is a zstd file: `zstd -dc` prints a line of JSON ([Header]), the records, and
// a last line of JSON ([Sum]). A record is the length of its key as a uvarint,
// the key, the length of its value as a uvarint, and the value, in the order of
// the keys, so that one state has one sequence of bytes and one SHA-256.
//
// The zstd frames are the file's sections, of a megabyte or so. Before each
// stands a skippable frame (RFC 8878, 3.1.2) with what it must be: its kind and
// number, its size packed and plain, and the CRC-32C of the packed bytes; and
// the CRC-32C of that. A flipped bit anywhere is told with the section that it is
// in and its place in the file ([DamagedError]). What is not damaged is not used
// either: half a state is none.
//
// # The folder
//
// [Folder] keeps the checkpoints of one state, each named by its position.
// Writing goes to a file of another name, which is synced, read back, verified,
// and renamed.
//
// This package knows how a checkpoint is kept; when one is taken, which one a
// start begins with, and which ones are let go is the engine's to say.
//
// Imports store.
package checkpoint
