// Package demo plays an incident through the real program, for somebody who has
// never seen it: an embedded NATS server, the state on disk, and the connectors
// reading logs that grow while the story is told. Only time is not real. It is a
// clock that stands still between ticks (clock.go), and a gate in place of each
// connector's pause (gate.go), so that nothing waits and every run says the same.
//
// How to read it:
//
//	story.go        the incident, beat by beat
//	fixtures/       the logs, line for line as Teleport and Vault write them, and
//	                the events of an OpenLDAP connector, since a newcomer has no slapd
//	stage.go        the program under the story, and one step of time
//	publication.go  what a subscriber reads from the alert stream
//	print.go        how it is told; frame.go is what stands before and after it
//	record.go       the connectors' events, moved to now, for a server of one's own
//
// What is printed as an alert or a seal comes from the alert stream alone, with
// ids and times shortened. Imports cmd/internal/app and config, events, and the
// correlator's names of what it publishes.
package demo
