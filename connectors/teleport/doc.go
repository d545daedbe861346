// Package teleport reads Teleport's audit log: JSON Lines, one event a line, as
// the auth server writes them to its file destination, or as an exporter wrote
// them to a file. It says who asked for access and who decided, which sessions
// and certificates people and bots hold, and who is in which role and access
// list. docs/connectors/teleport.md has the table of what becomes what.
//
// [Mapper] is the translation: a pure state machine that takes one line at a
// time and returns events. It has no clock, no I/O and no goroutine. [Source]
// feeds it from files and keeps its memory in the cursor.
//
// Four things about the log decide the shape of the mapper:
//
//   - Only access_request.create names the requester. The mapper remembers it by
//     request id, in bounded memory that goes into the cursor, because the
//     approval that follows is nobody's without it.
//   - A review is a vote. Its state field, the state of the request after the
//     vote, is what counts; proposed_state never grants anything.
//   - A certificate has no id. It is named after its user, its expiry in whole
//     seconds (the resolution of a certificate), what it is routed to and the
//     requests in it, so that the certificates that a login is given again every
//     few minutes are one lease.
//   - user.create is also written when a user is changed. It is a new account
//     only for a user that the log has not shown before; what it certainly is, is
//     the full list of the user's roles at that moment.
//
// The package imports events, connectors and connectors/tail, never the
// correlator or a store.
package teleport
