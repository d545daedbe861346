// Package eventlog is the ordered log that everything rests on: what may change
// an alert is a message in it, and a log position is the only "when" that the
// engine knows.
//
// The interfaces here are what the rest of Overstay sees. Package jetstream
// implements them on a NATS JetStream server, embedded or not; package memory
// implements them in a slice, for tests and for replaying an archive; package
// logtest proves that both keep the same promises.
//
// # What a log promises
//
//   - Append returns after the entries are durable. An entry that was not
//     acknowledged may still be there: whoever appends must be able to repeat.
//   - Entries of one call stay in order. Positions grow by one.
//   - A log may lose its end and reuse the numbers (measured: one flipped bit in
//     a JetStream block file does it). So nobody resumes by number alone: compare
//     State.ID, and the message at the last known position, first. A reader that
//     notices ends with ErrRegressed instead of skipping.
//   - An alert is inserted if absent. That needs no window of time and no memory
//     of ids, so it holds after any restart.
//
// Header names that begin with "Nats-" belong to the transport: an entry must not
// carry one (a roll-up header would purge, a TTL would leave holes), and a
// message that is read shows none.
//
// The package imports nothing of ours. It keeps no state and starts nothing.
package eventlog
