// Package runner keeps one source running. It is what stands between a
// connector, which only translates, and the log:
//
//	source.Run ──Emit──▶ number, stamp ──▶ Publisher (acknowledged) ──▶ cursor on disk
//
// For each Emit it
//
//  1. numbers the events (epoch and counter) and stamps when they were recorded;
//     an event that the vocabulary refuses is passed over and leaves a hole,
//  2. publishes them, at most 1,000 at a time, and waits for the log's
//     acknowledgement,
//  3. stores cursor, epoch and counter in one file, atomically, and only then
//     returns.
//
// A crash between 2 and 3 makes the source say the same events again, with the
// same numbers: the log or the correlator drops them, and no hole shows. A crash
// before 2 loses nothing, as the cursor still points before the events.
//
// A source that fails is started again from the stored cursor, after 1 s, then
// 2 s, up to 1 min; the pause is short again after progress. One source has one
// Emit under way at a time and so at most 1,000 events in flight; the others do
// not wait for it.
//
// The epoch tells the correlator that the numbers begin anew because the place
// was lost, which is not a hole. It is 1 at the first start. It is kept in a
// second file, written only when it changes, so that a state file that is gone
// or unreadable is recognised as lost and not taken for a first start: the epoch
// then becomes the next one. When both are unreadable it is taken from the wall
// clock, in seconds: higher than any epoch that was reached by counting.
//
// Imports events and connectors.
package runner
