package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a file, and where.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // from 1; 0 when the file as a whole is meant
	Column int    `json:"column,omitempty"` // in characters, from 1
	// Path is the place in the document, "rules.OV-005.severity".
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	// Hint says what to do about it; empty where the message does.
	Hint string `json:"hint,omitempty"`
}

// String is "file:line:column: path: message (hint)", which editors can jump to.
// It is always one line, whatever the document contains.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return oneLine(b.String())
}

// oneLine keeps what a file contains from forging further lines of a report.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || (0x7f <= r && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
}

// ProblemsError is everything that is wrong, in the order of the file.
type ProblemsError struct{ Problems []Problem }

// listed bounds how many problems are listed for a person: who has more has made one
// mistake many times, or has the wrong file.
const listed = 50

// Error lists the problems one a line, fifty at most, and counts the rest.
func (e *ProblemsError) Error() string { return strings.Join(Lines(e.Problems), "\n") }

// Lines is a line for each problem, fifty at most, and one that counts the rest.
func Lines(problems []Problem) []string {
	var lines []string
	for _, p := range problems[:min(len(problems), listed)] {
		lines = append(lines, p.String())
	}
	if more := len(problems) - listed; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

// Problems collects problems while a file is read.
type Problems []Problem

// Err is nil when there are none, else a *ProblemsError sorted by place.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &ProblemsError{sorted}
}
