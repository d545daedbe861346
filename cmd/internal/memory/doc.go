// Package memory turns a budget, how many bytes the process may keep for itself, into
// what drives them: how far the Go runtime's heap may grow, how much garbage it lets
// lie, how many records stay decoded, and how much a replay for a question may hold.
//
// The pages of the state's files that the kernel keeps mapped are not part of it: they
// are its cache, it takes them back when somebody needs the room, and gives none where
// there is none.
package memory
