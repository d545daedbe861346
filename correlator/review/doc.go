// Package review answers whoever must say, weeks later, who could act, who acted,
// when access truly ended, and why an alert came or did not.
//
// Everything here rests on one thing: the log is played again, by the same engine
// and the same core, into a state of its own (replay.go). From what each step made
// of that state the rest is read:
//
//   - what was told, byte for byte, and in what that differs from what was told
//     live, or from what another policy would have told;
//   - why an alert says what it says;
//   - who could act at a time, as it was known at another;
//   - what one person held, as lanes on a time line;
//   - what an auditor asks of a period (report.go; package render lays it out).
//
// A replay cannot reach a live alert stream or a sink: it is given a log to read,
// and has nothing to write to but its own memory. It imports correlator and its
// engine, events, store and the log; never a connector or a command.
package review
