package strictyaml

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Section is the text of v as a document of its own: a policy inside of a
// configuration is published, hashed and read again without the file around it.
// It begins with its first key; comments behind that stay, indentation goes, so
// that the same policy has the same text wherever it stands. Reading the section
// gives the places of the whole file.
func (v Value) Section() (Source, bool) {
	m, ok := v.node.(*ast.MappingNode)
	if !ok {
		v.wrongType("a mapping")
		return Source{}, false
	}
	lines := strings.SplitAfter(string(v.doc.source.Text), "\n")
	end := min(v.end-1, len(lines))
	if end < v.line {
		v.Report("write the keys around it one a line", "shares its line with the next key")
		return Source{}, false
	}
	out := Source{File: v.doc.source.File, Path: v.path, Line: v.doc.source.Line + v.line - 1, Column: v.doc.source.Column}
	if m.IsFlowStyle {
		// Blanks in place of the key keep the columns right.
		first := []rune(lines[v.line-1])
		lines[v.line-1] = strings.Repeat(" ", v.col-1) + string(first[v.col-1:])
		out.Text = []byte(strings.Join(lines[v.line-1:end], ""))
		return out, true
	}
	indent := v.col - 1
	out.Column += indent
	out.Text = []byte(strings.Join(dedent(lines[v.line-1:end], indent), ""))
	return out, true
}

// dedent cuts the indentation, and the comments and blank lines at the end that
// belong to what follows.
func dedent(lines []string, indent int) []string {
	last := len(lines)
	for last > 0 {
		text := strings.TrimLeft(lines[last-1], " ")
		blank := strings.TrimSpace(text) == ""
		if !blank && (!strings.HasPrefix(text, "#") || len(lines[last-1])-len(text) >= indent) {
			break
		}
		last--
	}
	out := make([]string, last)
	for i, line := range lines[:last] {
		blanks := len(line) - len(strings.TrimLeft(line, " "))
		out[i] = line[min(indent, blanks):]
	}
	return out
}
