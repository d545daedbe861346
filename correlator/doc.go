// Package correlator says what follows from events: which access was covered by
// which approval, which outlived it, and what to tell the SIEM about it.
//
// It is pure. A [Step] takes the state, the policy and one log message, changes
// the state, and returns what to publish. There is no clock, goroutine, logger,
// context, randomness or I/O here, and nothing depends on the order of a map: the
// same messages give the same bytes. Time is what the last tick in the log said.
//
// How to read it, in order:
//
//	message.go   what goes in, what comes out
//	step.go      one message: merge facts, judge what they touch, tell differences
//	working.go   the records of a run of messages, decoded; index.go, lists of keys;
//	             compact.go and forms.go, the bytes of those of which there are many
//	merge.go     what each event says of an access; merge_approval.go, of an approval
//	access.go    facts about an access; episode.go folds them into intervals
//	approval.go  facts about an approval; window.go folds them into windows
//	interval.go  the arithmetic: an access minus its windows leaves gaps
//	identity.go  which ids are one person, at a time; link.go, who said so
//	naming.go    what a person's approvals name, by right (rights.go: rights as numbers)
//	cover.go     which windows cover an access, and which granted it
//	lineage.go   what passes from parents to children; reissue.go, one access
//	             under several ids
//	judge.go     what there is to judge of one access: its gaps (gap.go), the rules over
//	             them (rule_*.go, one file each), what it sums up to (judgement.go)
//	verdict.go   what of it is spoken, and how firmly; settle.go, when at the earliest
//	facet.go     one access's part in an alert; alertkey.go, which alert that is
//	ledger.go    alerts: many facets, one alert; revisions as differences
//	mark.go      what operators say of alerts
//	ocsf.go      an alert as an OCSF finding, with details.go; cloudevent.go, as bytes; fit.go, how
//	             many at most; publication.go, what is told in one line
//	seal.go      the statement that a chain of access is over
//	timers.go    what is due (schedule.go: how it is found), and jobs: what one step cannot hold
//	newpolicy.go how a policy takes over what is open, before anything else is learned of it
//	leave.go     what is over leaves the state (expiry.go: when); recall.go brings it back;
//	             departed.go and past.go show it to who looks back
//	view.go      a state as a reviewer reads it: viewaccess.go, viewapproval.go, viewalert.go
//
// Facts merge commutatively and idempotently, so neither order nor duplicates of
// source events change the final verdict. Keys and records are this package's
// own (state.go); the engine only stores them.
//
// Imports package events, nothing else of ours.
package correlator
