package draw

import (
	"strings"
	"unicode"
)

// wide are the characters that take two columns of a terminal: those that Unicode
// (UAX #11) calls wide or full-width, by block.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{{0x1100, 0x115f, 1}, {0x2e80, 0xa4cf, 1}, {0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1}},
	R32: []unicode.Range32{{0x1f300, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

func cellsOfRune(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// cellsOf is how many columns a text takes.
func cellsOf(s string) int {
	n := 0
	for _, r := range s {
		n += cellsOfRune(r)
	}
	return n
}

// fit makes a text exactly so many columns wide.
func fit(s string, columns int) string {
	for most := columns; cellsOf(s) > columns; most-- {
		s = shorten(s, most)
	}
	return s + strings.Repeat(" ", columns-cellsOf(s))
}

// wrap breaks a text into lines of at most so many columns, at blanks where it can.
func wrap(s string, columns int) []string {
	var out []string
	line := ""
	for _, word := range strings.SplitAfter(s, " ") {
		if cellsOf(strings.TrimRight(line+word, " ")) > columns && strings.TrimSpace(line) != "" {
			out = append(out, strings.TrimRight(line, " "))
			line = ""
		}
		line += word
		for cellsOf(strings.TrimRight(line, " ")) > columns {
			head := cut(line, columns)
			out = append(out, head)
			line = line[len(head):]
		}
	}
	if line = strings.TrimRight(line, " "); line != "" || len(out) == 0 {
		out = append(out, line)
	}
	return out
}

// cut is the beginning of a text that fits into so many columns.
func cut(s string, columns int) string {
	n := 0
	for i, r := range s {
		if n += cellsOfRune(r); n > columns {
			return s[:i]
		}
	}
	return s
}
