package scenario

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Update is the scenario's text with the expectations that were not met replaced
// by what came. Everything else stays as it was written, comments included, and
// so do expectations that were met although they leave things out.
func (o *Outcome) Update() ([]byte, error) {
	ending := "\n"
	if bytes.Contains(o.Scenario.text, []byte("\r\n")) {
		ending = "\r\n"
	}
	text := strings.Split(string(o.Scenario.text), ending)
	for _, played := range slices.Backward(o.Steps) {
		if len(played.Failures()) == 0 {
			continue
		}
		indent, ok := strings.CutSuffix(text[played.Line-1][:dash(text[played.Line-1])], "- ")
		if !ok {
			return nil, fmt.Errorf("rewrite %s: the step on line %d does not begin with a dash on a line of its own", o.Scenario.File, played.Line)
		}
		text = played.update(text, indent)
	}
	return []byte(strings.Join(text, ending)), nil
}

// dash is where a line's list item begins, 0 where none does.
func dash(line string) int {
	blanks := len(line) - len(strings.TrimLeft(line, " "))
	if strings.HasPrefix(line[blanks:], "- ") {
		return blanks + len("- ")
	}
	return 0
}

// update rewrites one step's expectation, and the counts below it.
func (p Played) update(text []string, indent string) []string {
	for _, m := range p.miscounted {
		old := fmt.Sprintf("%s: %d", m.what, m.want)
		text[m.line-1] = strings.Replace(text[m.line-1], old, fmt.Sprintf("%s: %d", m.what, m.have), 1)
	}
	if len(p.missed) == 0 {
		return text
	}
	at, until := p.span.filled(text), p.span.filled(text)
	if p.expect != nil {
		at, until = p.expect.span.from-1, p.expect.span.filled(text)
	}
	return slices.Replace(text, at, until, p.expected(indent)...)
}

// expected writes what was told as an expectation.
func (p Played) expected(indent string) []string {
	if len(p.Told) == 0 {
		if p.expect == nil {
			return nil
		}
		return []string{indent + "- " + keyExpect + ": " + wordQuiet}
	}
	out := []string{indent + "- " + keyExpect + ": |"}
	for _, t := range p.Told {
		out = append(out, indent+"    "+t.Line)
	}
	return out
}

// filled is how many lines of the text there are up to the last of these that has
// something on it; comments and blank lines behind it belong to what follows.
func (l lines) filled(text []string) int {
	n := min(l.to-1, len(text))
	for n > l.from {
		line := strings.TrimSpace(text[n-1])
		if line != "" && !strings.HasPrefix(line, "#") {
			break
		}
		n--
	}
	return n
}
