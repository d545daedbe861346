// Package scenario plays policy scenarios: a YAML story of what sources said and
// when, and of the alerts that must follow. "overstay test" runs them for the
// author of a policy, and correlator's own incidents are written in the same form
// and run by the same code.
//
//	# A lease outlives its hour: nobody revokes it.
//	# It is told a minute after the end.
//	steps:
//	  - 09:00 pam://x approval.granted alice: {approvalId: REQ-1, window: {end: 10:00, endKind: at}, scopes: [{system: db}]}
//	  - 09:05 vault://prod lease.issued alice: {leaseId: L1, scope: {system: db}}
//	  - 10:02
//	  - expect: |
//	      10:01:00 raised OV-001 high: alice still holds … of approval REQ-1.…
//
// How to read it, in order:
//
//	scenario.go  what a scenario is, and how one is loaded
//	steps.go     a step is a sentence: when, who, what, of whom
//	moment.go    times as people write them
//	payload.go   the data of an event, as JSON for the real codec
//	expect.go    what must be told, line by line; diff.go compares; counts.go, how
//	             many accesses must be open
//	run.go       the steps on the production path, over state.go; sources.go, who
//	             reports progress
//	update.go    expectations written back into the text
//	write.go     a scenario made of what a log said
//
// It is the production path: events are read by [events.Decode], policies by
// package policy, and each message goes through [correlator.Working.Step] in order. Ticks
// come when something is due and every few seconds besides, as the engine's do;
// they stop only where the story says that nothing ran. What an alert waits for,
// and when it is told, is therefore what a server would have done.
//
// The same text gives the same result: nothing here asks a clock, the network or
// the environment. Files are read by who calls [Load]. May import correlator,
// policy and what lies below them, and events.
package scenario
