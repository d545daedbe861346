// Package memory keeps the state in memory: for tests, for replay into a
// temporary state, and as the plain answer that the disk is compared with. It
// means the same as package badger in everything but that it forgets.
//
// The map is a persistent treap: a commit makes a new root and shares all that
// did not change, so that reads never wait, a scan sees one commit, and a clone
// costs nothing.
//
// Imports store.
package memory
