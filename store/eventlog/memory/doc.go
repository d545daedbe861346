// Package memory keeps the log in a slice: for tests, and for replaying what was
// archived. It keeps the same promises as package jetstream (package logtest
// proves both) except that nothing is durable.
//
// A test can make happen what a real log does once in years: Truncate loses the
// end, Forget the beginning, Lose some of the middle, Recreate everything.
//
// The package imports nothing of ours but eventlog. It has no goroutine; its only
// clock is the one it is given, for Message.Time.
package memory
