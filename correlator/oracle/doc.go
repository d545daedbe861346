// Package oracle says, slowly and in the plainest words, what package correlator
// must conclude. It is a second implementation of the design and of docs/ that
// shares no code with the first: lists instead of indexes, the whole history
// instead of records, and the verdict computed afresh from all of it each time
// that somebody asks. Where the two disagree, one of them is wrong, and the text
// decides which.
//
// How to read it, in order:
//
//	oracle.go    what goes in (events, ticks, settings), what comes out (findings)
//	approval.go  acts of an approval folded into stretches of cover
//	person.go    which ids are one person, at a time
//	access.go    facts about an access folded into episodes
//	cover.go     which approvals cover an episode, and which granted it
//	gap.go       an episode minus its cover
//	holding.go   who held what at a time, and under which approvals
//	rule_*.go    the rules
//
// Not covered yet, and so not compared: the rules but OV-001 and OV-019; settle,
// provisional for a source that is behind, catch-up, and with them when something
// is told and whether it is retracted later; snapshots; grants in progress;
// baseline and the past that a source brings along; a change of policy; seals;
// aliases, joins, realms and ranks; entitlements and levels; emergencies; uncertainty of
// clocks; sources that do not report ends; holding claims open by policy.
//
// Imports package events and the standard library; nothing but tests imports it.
package oracle
