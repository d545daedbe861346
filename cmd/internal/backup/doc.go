// Package backup is the file that overstay backup writes and overstay restore
// reads: named parts in a tar archive, with a list of all of them and their hashes
// at its end.
//
// A part is written while it is made, so its size is not known beforehand: it is
// cut into entries of eight megabytes at most, named part/000000 and so on. The
// last two entries are manifest.json ([Manifest]) and the SHA-256 of that. A file
// without them was cut off, and one whose parts have other hashes is damaged:
// neither is read any further.
//
// What belongs into a backup, and in which order, is package app's to say.
// Imports nothing of ours but store, for the position.
package backup
