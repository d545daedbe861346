package strictyaml

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Value is a place in a document. Readers get one, take what it holds, and
// report what is wrong with it.
type Value struct {
	doc  *document
	node ast.Node
	path string
	line int // of the first character, in the text
	col  int
	end  int // the line after the last one that may belong to it
}

func (d *document) value(n ast.Node, path string, end int) Value {
	tk := first(n)
	return Value{doc: d, node: n, path: path, line: tk.Position.Line, col: tk.Position.Column, end: end}
}

// first is the token where a node begins; the parser gives a block mapping the
// position of its first colon.
func first(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}

// Path is the place in words, "entitlements.orders-db.members[2]".
func (v Value) Path() string { return v.path }

// Line is the line of the file, from 1.
func (v Value) Line() int { return v.line + v.doc.source.Line }

// Report notes a problem with v. The hint may be empty.
func (v Value) Report(hint, format string, args ...any) {
	v.doc.report(v.line, v.col, v.path, hint, fmt.Sprintf(format, args...))
}

// ReportInside is Report at a place within a string: at line and column of its
// text, counted from 1, as a compiler of that text gives them. Where the string's
// text does not stand in the file as it is (escapes, folding), the place is the
// string's own.
func (v Value) ReportInside(line, column int, hint, format string, args ...any) {
	at, col := v.line, v.col
	switch s := v.node.(type) {
	case *ast.StringNode:
		if line == 1 && strings.Contains(v.sourceLine(at), s.Value) {
			col += column - 1
			if s.Token.Type == token.SingleQuoteType || s.Token.Type == token.DoubleQuoteType {
				col++
			}
		}
	case *ast.LiteralNode:
		texts := strings.Split(s.Value.Value, "\n")
		if line >= 1 && line <= len(texts) {
			if i := strings.Index(v.sourceLine(v.line+line), texts[line-1]); i >= 0 {
				at, col = v.line+line, i+column
			}
		}
	}
	v.doc.report(at, col, v.path, hint, fmt.Sprintf(format, args...))
}

func (v Value) sourceLine(line int) string {
	lines := strings.Split(string(v.doc.source.Text), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

// kind names what a value is, for messages.
func (v Value) kind() string {
	switch v.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "empty"
	}
	return "a string"
}

func (v Value) wrongType(want string) {
	hint := ""
	switch got := v.node.(type) {
	case *ast.NullNode:
		hint = "give it a value or remove the key"
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		if want == "a string" {
			hint = fmt.Sprintf("put it in quotes: %q", got.GetToken().Value)
		}
	}
	v.Report(hint, "is %s, not %s", v.kind(), want)
}

// Text is the string that v holds; it reports anything else.
func (v Value) Text() (string, bool) {
	var s string
	switch n := v.node.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = strings.TrimSuffix(n.Value.Value, "\n")
	default:
		v.wrongType("a string")
		return "", false
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		v.Report("", "contains a control character")
		return "", false
	}
	return s, true
}

// unprintable allows the line break, for expressions over several lines.
func unprintable(r rune) bool {
	return r != '\n' && (r < 0x20 || (0x7f <= r && r < 0xa0) || r == utf8.RuneError)
}

// scalar is a string, number or boolean as it was written.
func (v Value) scalar() (string, bool) {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// pairs are the entries of a mapping in their order; it reports anything else.
func (v Value) pairs() ([]pair, bool) {
	var nodes []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		nodes = n.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{n}
	default:
		v.wrongType("a mapping")
		return nil, false
	}
	out := make([]pair, 0, len(nodes))
	for i, n := range nodes {
		end := v.end
		if i+1 < len(nodes) {
			end = nodes[i+1].Key.GetToken().Position.Line
		}
		if p, ok := v.pair(n, end); ok {
			out = append(out, p)
		}
	}
	return out, true
}

// pair is a key, as a value to report on, and what stands behind it.
type pair struct {
	name  string
	key   Value
	value Value
}

func (v Value) pair(n *ast.MappingValueNode, end int) (pair, bool) {
	name := n.Key.GetToken().Value
	path := name
	if v.path != "" {
		path = v.path + "." + name
	}
	key := v.doc.value(n.Key, path, end)
	if strings.ContainsFunc(name, unprintable) || strings.Contains(name, "\n") {
		key.Report("", "the key contains a control character")
		return pair{}, false
	}
	value := v.doc.value(n.Value, path, end)
	if _, null := n.Value.(*ast.NullNode); null {
		value.line, value.col = key.line, key.col // the parser's own place of nothing is arbitrary
	}
	return pair{name, key, value}, true
}
