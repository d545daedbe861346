// Package api is the read-only HTTP API: what the correlator knows now, and what the
// log says when it is played again, as JSON. A web console stands on it, and so do
// the review commands when they are given --server.
//
// What is known now (alerts, subjects, sources) is read from a snapshot of the state,
// which nobody waits for. What was (explain, asof, timeline) comes of a replay of the
// log with package review, one at a time and within bounds of time and memory
// (replay.go).
//
// Everything that may be asked is in one table (routes.go): the handlers take no
// parameter that is not in it, and openapi.json, which is generated from it, says
// nothing else. Who may ask is decided by who mounts the handler.
package api
