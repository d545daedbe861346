// Package jetstream keeps the log on a NATS JetStream server: one that runs inside
// this process (Embed) or an existing server or cluster (Connect). After the
// connection the code is the same (Open).
//
// # What the server is made to promise
//
// Streams are on file, every write is synced before it is acknowledged, nothing
// can be deleted, purged or rolled up, and a full stream refuses instead of
// forgetting. A stream that already exists with other settings is refused with a
// *SettingsError that names each difference.
//
// # Traps that were measured on nats-server 2.15.2 and shape the code
//
//   - A consumer that starts beyond the last sequence delivers nothing, without
//     an error: Read checks first, and again whenever it makes a new consumer.
//   - Message ids are remembered for two minutes, and another client may use ours
//     up before us. So alerts never rest on ids but on an expected-sequence guard,
//     and no client reaches the streams' subjects at all.
//   - Publish permissions do not look at reply subjects, nor at where a consumer
//     delivers. So subscribers sit in an account of their own, in which there is
//     no stream to inject into, and may not create consumers (see access.go).
//   - A disk that fills up freezes a stream: publishes get no answer. Every
//     publish is therefore tried again until its context ends, and Health reports
//     what the server's own /healthz would.
//   - An atomic batch is the only group commit there is (ADR-50). It is refused
//     whole for one duplicate: it is then halved until the culprit stands alone.
//
// The package imports nothing of ours but eventlog.
package jetstream
