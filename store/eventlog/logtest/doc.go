// Package logtest proves that an implementation of the eventlog interfaces keeps
// their promises. An implementation joins with one call:
//
//	logtest.Run(t, func(t *testing.T, limit int64) logtest.Streams { ... })
//
// Every case gets streams of its own, empty and of the size that it asks for.
package logtest
