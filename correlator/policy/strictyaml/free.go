package strictyaml

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// What follows is for formats that a table of keys cannot say: where a key is a
// sentence, or where the form of a value depends on what stands beside it.

// Entries calls f for every entry of a mapping in its order, with the key as a
// value to report on. It reports anything else, and keys that come twice.
func (v Value) Entries(f func(name string, key, value Value)) {
	v.each(func(p pair) { f(p.name, p.key, p.value) })
}

// IsList reports whether v is a list.
func (v Value) IsList() bool {
	_, ok := v.node.(*ast.SequenceNode)
	return ok
}

// IsText reports whether v is a string.
func (v Value) IsText() bool {
	switch v.node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return true
	}
	return false
}

// IsEmpty reports whether nothing stands there.
func (v Value) IsEmpty() bool {
	_, ok := v.node.(*ast.NullNode)
	return ok
}

// Plain is a scalar as JSON knows it: a string, a bool, an int64 or a float64. It
// reports anything else.
func (v Value) Plain() (any, bool) {
	switch n := v.node.(type) {
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode:
		if i, err := strconv.ParseInt(n.GetToken().Value, 10, 64); err == nil {
			return i, true
		}
	case *ast.FloatNode:
		return n.Value, true
	case *ast.StringNode, *ast.LiteralNode:
		return v.Text()
	}
	v.wrongType("a string, a decimal number, true or false")
	return nil, false
}

// Span is the first line of v and the line after the last one that may belong to
// it, comments and blank lines behind it included.
func (v Value) Span() (from, to int) { return v.Line(), v.end + v.doc.source.Line }
