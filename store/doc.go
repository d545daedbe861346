// Package store is where state lives as bytes: an ordered map with whole commits
// (this interface; badger and memory implement it, storetest proves both) and
// the ordered log that it is a view of (package eventlog).
//
// It knows nothing of accesses or alerts. Keys and values belong to the
// correlator and its engine; the store adds only the commit journal by which it
// notices that commits were lost, and the position that travels with each.
//
// Imports nothing of ours.
package store
