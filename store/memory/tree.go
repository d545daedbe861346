package memory

import (
	"bytes"
	"hash/maphash"
)

// node is a node of a treap: a search tree by key, a heap by priority. The
// priority is a hash of the key, so that the shape follows from the contents.
// Nodes that a version shows never change; a commit copies the path to the root, each
// node once: what it made itself it may change until it is done.
type node struct {
	key, value  []byte
	priority    uint64
	left, right *node
	by          *commit
}

// commit is one in the making. It has a size, so that each has an address of its own.
type commit struct{ _ byte }

// seed is of this process: the shape shows nowhere, and a fixed one would let
// chosen keys make a list of the tree.
var seed = maphash.MakeSeed()

func (c *commit) leaf(key, value []byte) *node {
	return &node{key: key, value: value, priority: maphash.Bytes(seed, key), by: c}
}

// own is the node to change: itself where the commit made it, else a copy.
func (c *commit) own(n *node) *node {
	if n.by == c {
		return n
	}
	copied := *n
	copied.by = c
	return &copied
}

// split divides a tree into the keys below key, the one itself, and those above.
func (c *commit) split(n *node, key []byte) (below, at, above *node) {
	if n == nil {
		return nil, nil, nil
	}
	switch order := bytes.Compare(key, n.key); {
	case order < 0:
		n = c.own(n)
		below, at, n.left = c.split(n.left, key)
		return below, at, n
	case order > 0:
		n = c.own(n)
		n.right, at, above = c.split(n.right, key)
		return n, at, above
	default:
		return n.left, n, n.right
	}
}

// join merges two trees of which all keys of a are below all keys of b.
func (c *commit) join(a, b *node) *node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.priority > b.priority:
		a = c.own(a)
		a.right = c.join(a.right, b)
		return a
	}
	b = c.own(b)
	b.left = c.join(a, b.left)
	return b
}

func (c *commit) put(n, l *node) *node {
	if n == nil {
		return l
	}
	order := bytes.Compare(l.key, n.key)
	if order != 0 && l.priority > n.priority {
		// The key is not below: a node of this key has this priority.
		l.left, _, l.right = c.split(n, l.key)
		return l
	}
	n = c.own(n)
	switch {
	case order < 0:
		n.left = c.put(n.left, l)
	case order > 0:
		n.right = c.put(n.right, l)
	default:
		n.value = l.value
	}
	return n
}

// remove takes a key out, if it is there.
func (c *commit) remove(n *node, key []byte) *node {
	if n.get(key) == nil {
		return n
	}
	below, _, above := c.split(n, key)
	return c.join(below, above)
}

func (n *node) get(key []byte) *node {
	for n != nil {
		switch order := bytes.Compare(key, n.key); {
		case order < 0:
			n = n.left
		case order > 0:
			n = n.right
		default:
			return n
		}
	}
	return nil
}

// walk visits keys >= from in order until fn returns false.
func (n *node) walk(from []byte, fn func(*node) bool) bool {
	if n == nil {
		return true
	}
	if bytes.Compare(n.key, from) < 0 {
		return n.right.walk(from, fn)
	}
	return n.left.walk(from, fn) && fn(n) && n.right.walk(from, fn)
}
