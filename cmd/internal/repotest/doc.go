// Package repotest finds, for the tests of commands, what lies in and beside the
// repository: its root, and the schemas and samples that are shared with it. It is
// for tests only.
package repotest
