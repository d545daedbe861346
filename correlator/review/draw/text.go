package draw

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator/review"
)

// The columns of the text form.
const (
	textWidth  = 80
	labelWidth = 26
	cellCount  = 44
	noteWidth  = textWidth - labelWidth - cellCount - 2
)

// colour is the look of text on a terminal, the parameters of an SGR sequence.
type colour string

const (
	noColour   colour = ""
	bold       colour = "1"
	faint      colour = "2"
	redBold    colour = "1;31"
	green      colour = "32"
	yellow     colour = "33"
	cyan       colour = "36"
	endColours        = "\x1b[0m"
)

// glyph is how a state looks in a cell. Every state has a character of its own, so
// that nothing rests on colour.
type glyph struct {
	char   rune
	colour colour
	// weight decides which of several states in one cell is shown.
	weight int
}

var glyphs = map[review.SpanState]glyph{
	review.SpanWindow:     {'▒', cyan, 2},
	review.SpanUnknownEnd: {'░', cyan, 2},
	review.SpanCovered:    {'━', green, 3},
	review.SpanBaseline:   {'─', faint, 3},
	review.SpanUncovered:  {'╌', noColour, 4},
	review.SpanGrace:      {'▄', yellow, 5},
	review.SpanRatified:   {'▓', yellow, 6},
	review.SpanMaybe:      {'╱', yellow, 7},
	review.SpanClaimed:    {'╱', yellow, 7},
	review.SpanOverrun:    {'█', redBold, 9},
}

// Text writes a history for a terminal of 80 columns.
func Text(w io.Writer, h *review.History, colours bool) error {
	p := &textPrinter{w: bufio.NewWriter(w), h: h, axis: axis{h.From, h.To}, colours: colours}
	p.head()
	p.chart()
	p.alerts()
	p.happenings()
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write the time line: %w", err)
	}
	return nil
}

type textPrinter struct {
	w       *bufio.Writer
	h       *review.History
	axis    axis
	colours bool
	used    map[review.SpanState]bool
	shading bool
	hidden  int // lanes that are not shown one by one
	shown   []review.Lane
}

func (p *textPrinter) paint(c colour, s string) string {
	if !p.colours || c == noColour || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + endColours
}

// line writes one line; an error stays in the writer until the end.
func (p *textPrinter) line(parts ...string) {
	_, _ = p.w.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

// wrapped writes words on as many lines as they need.
func (p *textPrinter) wrapped(c colour, first, indent, text string) {
	for i, l := range wrap(text, textWidth-max(cellsOf(first), cellsOf(indent))) {
		if i == 0 {
			p.line(first, p.paint(c, l))
		} else {
			p.line(indent, p.paint(c, l))
		}
	}
}

func (p *textPrinter) head() {
	p.wrapped(bold, "", "", about(p.h))
	var also []string
	for _, id := range p.h.Person {
		if id != p.h.Subject {
			also = append(also, clean(string(id)))
		}
	}
	switch {
	case len(also) == 0:
	case p.h.Subject == "":
		p.wrapped(noColour, "", "  ", "  "+strings.Join(also, ", "))
	default:
		p.wrapped(noColour, "", "  ", "  also "+strings.Join(also, ", "))
	}
	p.wrapped(faint, "", "", fmt.Sprintf("%s, from positions %d to %d of the log", rangeWords(p.h), p.h.Log.First, p.h.Log.Last))
	if p.h.Label.Strength != review.Strong && p.h.Label.Strength != "" {
		p.wrapped(faint, "", "", clean(p.h.Label.String()))
	}
	c := noColour
	if p.h.Summary.Overran > 0 {
		c = redBold
	}
	p.wrapped(c, "", "", verdict(p.h))
}

// chart draws the lanes under the axis.
func (p *textPrinter) chart() {
	p.used = map[review.SpanState]bool{}
	p.line()
	p.scale()
	for _, g := range groups(p.h) {
		head := kindWords[g.kind][1]
		if g.system != "" {
			head += ", " + g.system
		}
		p.line(p.paint(bold, fit(head, textWidth)))
		for _, l := range g.lanes {
			p.lane(l)
			p.shown = append(p.shown, l)
		}
		if len(g.rest) > 0 {
			p.rest(g)
		}
	}
	p.legend()
}

// scale draws the axis: the dates, the times, the ticks.
func (p *textPrinter) scale() {
	days, labels, line := blank(cellCount+noteWidth), blank(cellCount+noteWidth), []rune(strings.Repeat("─", cellCount))
	for _, t := range p.axis.ticks(cellCount / 8) {
		at := min(int(p.axis.at(t.at)*cellCount), cellCount-1)
		line[at] = '┬'
		put(labels, at, t.label)
		put(days, at, t.day)
	}
	pad := strings.Repeat(" ", labelWidth+1)
	if strings.TrimSpace(string(days)) != "" {
		p.line(pad, p.paint(faint, string(days)))
	}
	p.line(pad, string(labels))
	p.line(pad, p.paint(faint, string(line)))
}

func blank(n int) []rune { return []rune(strings.Repeat(" ", n)) }

// put writes a word into a line if there is room for it.
func put(line []rune, at int, word string) {
	r := []rune(word)
	if word == "" || at+len(r) > len(line) || strings.TrimSpace(string(line[max(at-1, 0):at+len(r)])) != "" {
		return
	}
	copy(line[at:], r)
}

// lane draws one lane.
func (p *textPrinter) lane(l review.Lane) {
	cells := make([]glyph, cellCount)
	for i := range cells {
		cells[i] = glyph{char: ' '}
	}
	for _, b := range l.Windows {
		to := b.To
		if to.IsZero() {
			to = p.h.To
		}
		p.fill(cells, review.Span{From: b.From, To: to}, glyph{'·', cyan, 1})
	}
	for _, s := range l.Spans {
		p.used[s.State] = true
		p.fill(cells, s, glyphs[s.State])
		if s.Open && !s.To.After(p.h.To) {
			if _, last, ok := p.axis.cells(s.From, s.To, cellCount); ok {
				cells[last].char, cells[last].weight = '▶', 10
			}
		}
	}
	p.since(cells, l)
	for _, m := range l.Marks {
		if i, _, ok := p.axis.cells(m.At, m.At, cellCount); ok && !m.At.Before(p.h.From) && !m.At.After(p.h.To) {
			p.mark(&cells[i], m, l)
		}
	}
	note, c := laneNote(l)
	p.line(" ", fit(title(l), labelWidth-1), " ", p.row(cells), " ", p.paint(c, fit(note, noteWidth)))
}

// since writes on what comes in from the left on which day it began, as far as it goes on.
func (p *textPrinter) since(cells []glyph, l review.Lane) {
	for _, s := range l.Spans {
		since := sinceBefore(p.axis, s)
		if since == "" || s.To.Before(p.h.From) {
			continue
		}
		word := []rune("◀ since " + since + " ")
		room := 0
		for room < len(cells) && cells[room] == cells[0] {
			room++
		}
		if room <= len(word) {
			word = word[:1]
		}
		for i, r := range word {
			cells[i].char = r
		}
		return
	}
}

func (p *textPrinter) fill(cells []glyph, s review.Span, g glyph) {
	first, last, ok := p.axis.cells(s.From, s.To, len(cells))
	for i := first; ok && i <= last; i++ {
		if cells[i].weight < g.weight {
			cells[i] = g
			p.shading = p.shading || g.char == '·'
		}
	}
}

// mark puts a mark into a cell that has no more important one: what was done to an
// overrun is told below, and the overrun shall stay whole.
func (p *textPrinter) mark(cell *glyph, m review.Mark, l review.Lane) {
	switch {
	case m.What == "revocation failed":
		*cell = glyph{'×', redBold, 11}
	case m.Late && cell.weight < 9:
		*cell = glyph{'?', yellow, 9}
	case m.What == "used" && cell.weight <= 4 && cell.weight > 1:
		cell.char = '┿'
	case cell.weight <= 1 && (len(l.Spans) == 0 || l.Kind == review.LaneApproval):
		*cell = glyph{'◆', noColour, 2}
	}
}

// row joins cells, with as few colour changes as can be.
func (p *textPrinter) row(cells []glyph) string {
	var b strings.Builder
	for i := 0; i < len(cells); {
		j := i
		var run []rune
		for ; j < len(cells) && cells[j].colour == cells[i].colour; j++ {
			run = append(run, cells[j].char)
		}
		b.WriteString(p.paint(cells[i].colour, string(run)))
		i = j
	}
	return b.String()
}

// laneNote is the word at the end of a lane's row.
func laneNote(l review.Lane) (string, colour) {
	switch {
	case l.Overrun > 0:
		return "+" + lasting(l.Overrun.Std()), redBold
	case slices.ContainsFunc(l.Spans, func(s review.Span) bool { return s.State == review.SpanClaimed }):
		return "claimed", yellow
	case l.Open:
		return "held", noColour
	}
	return "", noColour
}

var levels = []rune(" ▁▂▃▄▅▆▇█")

// rest draws many lanes as one row: how many were held at a time.
func (p *textPrinter) rest(g group) {
	p.hidden += len(g.rest)
	counts := density(p.axis, g.rest, cellCount)
	top := slices.Max(counts)
	cells := make([]glyph, cellCount)
	for i, n := range counts {
		level := 0
		if n > 0 {
			level = 1 + (n-1)*(len(levels)-2)/max(top-1, 1)
		}
		cells[i] = glyph{char: levels[level], colour: green}
	}
	p.line(" ", fit(restTitle(g), labelWidth-1), " ", p.row(cells), " ", fit(fmt.Sprintf("≤ %d", top), noteWidth))
}
