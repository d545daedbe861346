// Package sim runs the real engine and the real core in a simulated world, and
// judges what came of it. One seed gives one world: a log server, an alert stream,
// disks, clocks, sources with their connectors, and what goes wrong with each. The
// same seed gives the same trace, byte for byte.
//
// How it is done. The engine is not changed for it: it runs as in the program, with
// its goroutines, inside a testing/synctest bubble. All that it asks of the world
// outside (the log, the alert stream, the quarantine, a commit, a timer) is a call
// that waits for the world's answer. The world takes calls only once every
// goroutine has come to rest, in an order that does not depend on which came first,
// gives each a time from the seed's dice, and then lets one thing happen after
// another (schedule.go). So a process can die between any two calls, with its last
// words lost, or still on their way and arriving after the next process has
// started; and time passes only when the world says so.
//
// How to read it, in order:
//
//	world.go      the life of a world: faults for a while, then none, then the end
//	schedule.go   what happens next; disturb.go, what fails
//	machine.go    processes: boot, death, end
//	log.go        the log; reader.go and transport.go, its delivery
//	disk.go       the state, and which commits a crash takes back
//	source.go     connectors: numbers, cursors, sending again; workload.go, what they
//	              have to say
//	fault.go      the list of faults; fault_*.go, one each
//	judge.go      what must hold in the end; reference.go and damaged.go, compared
//	              with what; certain.go and loud.go, what must not be said and what
//	              must
//	report.go     what is told of it
//
// What must hold: see (World).judge. A run that fails prints the command that
// repeats it. That the judge sees anything is shown by taking safety mechanisms
// away (TestPlanted).
//
// What is not judged: whether what is finally said is right where a state was lost
// together with parts of the log. That each alert stands as its newest revision says
// is judged there, too.
//
// Imports engine, store, eventlog, events and the core; only tests and commands for
// developers import it.
package sim
