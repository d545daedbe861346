// Package cefile reads CloudEvents of Overstay's vocabulary from files and from
// standard input: JSON Lines, one structured event a line, plain, or compressed
// with gzip or zstd, which is recognised by its first bytes.
//
// [Read] is the reader by itself, as "overstay emit" uses it: every line gives
// either an event or the reason why it is none, with its place, and a bad line
// stops nothing. [Source] makes a connector of it. The events keep their own
// source; the connector adds nothing and vouches for nothing.
//
// A source may also follow plain files; package tail reads those.
//
// What comes in is not trusted: a line, the size after decompression and the
// ratio to the size before are all limited ([Limits]).
//
// The package imports events, connectors and connectors/tail, never the
// correlator or a store.
package cefile
