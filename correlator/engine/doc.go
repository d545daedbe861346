// Package engine is the one loop of the program: read the log, apply, commit,
// publish. Everything that can go wrong between a log, a store and a SIEM is
// handled here, so that package correlator can stay pure. Its duties, in order:
//
//  1. Identify the log (identify.go). The state belongs to one incarnation of one
//     log. Before reading, the log's id, its last position and the hash of the
//     message at our position must be as remembered; a stream can go backwards
//     and use numbers again. Where they are not, a system.epoch is appended, the
//     facts are kept, and the log is read again from its beginning.
//  2. Read in order (loop.go). Each position is the last plus one; a hole is
//     observed as a fact of its own.
//  3. Decode (decode.go), a batch on all processors. What cannot be read goes to the quarantine stream with
//     its reason, the position moves on, and the message counts as a hole of its
//     source.
//  4. Apply in one goroutine over an overlay (overlay.go), several messages a
//     batch. A batch only groups commits: it changes no verdict.
//  5. Commit the overlay, the outbox and the position in one transaction (flight.go),
//     one at a time and in order, while the next batch is applied over it. An error
//     other than "too big" ends the process; the restart recovers.
//  6. Publish the outbox in order (outbox.go, publish.go), many together, each revision once whatever
//     happens. Publishing overlaps the next commit.
//  7. Tick (ticker.go): put time into the log, when the next thing is due and at
//     least once a second while anything is armed.
//  8. Know how far behind it is (lag.go), and call itself ready only while it
//     keeps up.
//
// An [Engine] is made from a log, a store and a policy as values; nothing here is
// global, so that several can live in one process. It imports correlator, events
// and store; never a connector or a command.
package engine
