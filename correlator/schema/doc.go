// Package schema holds the JSON Schemas (2020-12) of what the correlator
// publishes: alert.json of a revision of an alert, seal.json of a seal, each of
// the whole CloudEvent.
//
// They are strict, since they are for checking what is sent: a member that they
// do not list is an error, so that nothing goes out that is not documented. The
// same files are published under docs/schemas. Whoever reads alerts should ignore
// what they do not know instead; later versions add members.
//
// Imports nothing of ours.
package schema
