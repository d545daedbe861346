// Package events is the vocabulary of Overstay: what connectors say about
// access, and nothing about what follows from it.
//
// Every message is a CloudEvent 1.0 whose type is "dev.overstay.<class>.<what>"
// (see [Types]) and whose data is one of the payload structs of this package:
// [Approval], [Session], [Lease], [Credential], [Membership], [GroupNesting],
// [Account], [IdentityLink], [Use], [Probe], [Block], [EndedBefore], [Progress],
// [SnapshotBegin], [SnapshotPart], [SnapshotEnd], [Resumed], [Tick], [Policy],
// [Mark], [Observation] and [Epoch]. A JSON Schema for each type is embedded and
// published under docs/schemas.
//
// The words: an access is a session, a lease or a membership; a window is an
// approval's time range; a scope is {system, resource, role, level}; a subject
// is an [ID], "realm:local", exactly as its source writes it; a person is the
// one behind several ids and is never written by a connector.
//
// Three rules hold for every payload. Times are RFC 3339 with a zone, and the
// zero time means "not stated". What happened is kept apart from who says so:
// the actor is not the subject, a claimed end is not an observed one, and an
// attempt is not an effect (see [Effect]). Secrets never enter: connectors cut
// tokens and passwords and truncate free text before they build an event.
//
// The codec is strict, because what it lets pass decides alerts. [Decode] reads
// structured JSON and [Encode] writes it, canonically: equal events give equal
// bytes, and what was written is read back unchanged. [DecodeHTTP], [DecodeNATS]
// and [EncodeNATS] are the protocol bindings; [DecodeCloudEvent],
// [FromCloudEvent] and [Event.CloudEvent] speak the CloudEvents SDK's model. What
// is refused comes with a reason and a place, in a [DecodeError]. [SubjectOf] and
// its neighbours name the NATS subjects that messages travel on.
//
// The package imports nothing of ours, has no clock and does no I/O.
package events
