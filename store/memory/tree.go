package memory

import (
	"bytes"
	"hash/maphash"
)

// node is a node of a treap: a search tree by key, a heap by priority. The
// priority is a hash of the key, so that the shape follows from the contents.
// Nodes never change; an update copies the path to the root.
type node struct {
	key, value  []byte
	priority    uint64
	left, right *node
}

// seed is of this process: the shape shows nowhere, and a fixed one would let
// chosen keys make a list of the tree.
var seed = maphash.MakeSeed()

func leaf(key, value []byte) *node {
	return &node{key: key, value: value, priority: maphash.Bytes(seed, key)}
}

// split divides a tree into the keys below key, the one itself, and those above.
func (n *node) split(key []byte) (below, at, above *node) {
	if n == nil {
		return nil, nil, nil
	}
	c := *n
	switch order := bytes.Compare(key, n.key); {
	case order < 0:
		below, at, c.left = n.left.split(key)
		return below, at, &c
	case order > 0:
		c.right, at, above = n.right.split(key)
		return &c, at, above
	default:
		return n.left, n, n.right
	}
}

// join merges two trees of which all keys of a are below all keys of b.
func join(a, b *node) *node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.priority > b.priority:
		c := *a
		c.right = join(a.right, b)
		return &c
	}
	c := *b
	c.left = join(a, b.left)
	return &c
}

func (n *node) put(l *node) *node {
	if n == nil {
		return l
	}
	order := bytes.Compare(l.key, n.key)
	if order != 0 && l.priority > n.priority {
		// The key is not below: a node of this key has this priority.
		l.left, _, l.right = n.split(l.key)
		return l
	}
	c := *n
	switch {
	case order < 0:
		c.left = n.left.put(l)
	case order > 0:
		c.right = n.right.put(l)
	default:
		c.value = l.value
	}
	return &c
}

func (n *node) remove(key []byte) *node {
	below, at, above := n.split(key)
	if at == nil {
		return n
	}
	return join(below, above)
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
