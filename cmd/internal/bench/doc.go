// Package bench measures how fast Overstay is on a machine: with the embedded NATS
// server, Badger and the engine that serve runs, on the load of a company that a seed
// makes up, each figure beside what the machine gives without Overstay in the same
// run, and beside its target.
//
// How to read it, in order:
//
//	bench.go         the parts, run one after the other in folders that are removed
//	report.go        figures, targets and the table
//	company.go       who works there; hours.go, what happens in their hours
//	rig.go           server, streams, store and engine as serve has them
//	clock.go         a clock that can be moved forward, so that deadlines come due
//	live.go          the part live, and replay; the log that they share
//	grown.go         a state with many open accesses: memory, restart, timers
//	footprint.go     how much memory that takes
//	latency.go, hotsubject.go
//	growth.go        what an event costs as the state grows; turnover.go, what is left
//	                 of what has been
//	outlook.go       how long it is likely to take
//
// A part that finds the program wrong (a replay that tells other bytes, deadlines out
// of order) is an error and no figure.
package bench
