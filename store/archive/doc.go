// Package archive keeps a range of the log in one file, with what was told from it
// and the state before it, to be looked back on without a server: on another
// machine, years later.
//
// # The file
//
// It is a zstd file of JSON Lines: `zstd -dc FILE` prints them. The first member
// says what a line is:
//
//	{"overstayArchive":1, …}   the header: which log, which range (Header)
//	{"state":"…","value":"…"}  a record of the state before the range, base64
//	{"log":17, …}              the message at a position of the log
//	{"alert":4, …}             what was published at a position of the alert stream
//	{"segment":12, …}          the index: where the lines of a part are (Segment)
//	{"end":true, …}            what all of it comes to (Sum)
//
// So `zstd -dc FILE | jq -c 'select(.log).event'` gives the CloudEvents again.
// A body that is no JSON on one line stands as base64 in "body" instead of "event":
// each byte comes back as it was.
//
// The sections are those of package sections, a megabyte of lines or so: each has
// its checksum, and its lines belong to one kind. Lines of the log are in order of
// their positions.
//
// # Damage
//
// [Open] reads every byte, and refuses a file that is cut off or not as it was
// written with the section, the byte and the positions that are concerned
// ([DamagedError]). [Salvage] gives what is whole of such a file, and lists what is
// missing.
//
// # Writing
//
// A file is made under another name, read back, and renamed when it is whole. A
// writing that was interrupted is gone on with from its last whole section
// ([Resume]).
//
// Imports store, checkpoint, eventlog and sections.
package archive
