package draw

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"github.com/overstay/overstay/correlator/review"
)

var (
	//go:embed shape.gotmpl
	shapeTemplate string
	//go:embed picture.gotmpl
	pictureTemplate string
	//go:embed colours.css
	colourStyle string
	//go:embed picture.css
	pictureStyle string
)

// The measures of a picture, in pixels.
const (
	pictureWidth = 1200
	margin       = 28
	nameWidth    = 290
	noteSpace    = 84
	laneHeight   = 40
	groupHeight  = 32
	chartLeft    = margin + nameWidth
	chartWidth   = pictureWidth - chartLeft - noteSpace - margin
)

// drawn is a shape with where it is drawn, in the units of its picture.
type drawn struct {
	shape
	X, W, XEnd string
	Y          string
	Room       bool
	Text       string
}

// drawnShapes places shapes. x and w turn a part of the axis into a place and a width;
// letter is the part that one letter of a label takes.
func drawnShapes(shapes []shape, x, w func(float64) string, letter float64) []drawn {
	out := make([]drawn, len(shapes))
	for i, s := range shapes {
		d := drawn{shape: s, X: x(s.From), W: w(s.To - s.From), XEnd: x(s.To), Y: "18", Text: strings.Join(s.Tip, "\n")}
		d.Room = s.Label != "" && float64(len([]rune(s.Label))+2)*letter < s.To-s.From
		switch s.Form {
		case "alert", "calm":
			d.Y = "5"
		case "level":
			n, _ := strconv.Atoi(s.Label) // it was made of a number
			d.Y = strconv.Itoa(7 + levelHeight - n)
		}
		out[i] = d
	}
	return out
}

// px writes pixels, to the tenth.
func px(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// picture is what the template of a picture draws.
type picture struct {
	Width, Height int
	Title         string
	Description   string
	Style         template.CSS
	Words         []word
	Rules         []rule
	Rows          []placedRow
	Keys          []placedRow
}

type word struct {
	Class, Text, Anchor string
	X, Y                string
}

type rule struct{ Class, X1, Y1, X2, Y2 string }

type placedRow struct {
	X, Y   string
	Shapes []drawn
}

// SVG writes a history as a picture, for light and dark pages.
func SVG(w io.Writer, h *review.History) error {
	t, err := template.New("picture").Parse(shapeTemplate + pictureTemplate)
	if err != nil {
		return fmt.Errorf("read the form of the picture: %w", err)
	}
	b := &painterOf{s: newShaper(h), y: margin}
	b.head(h)
	b.chart(h)
	b.legend(h)
	b.p.Width, b.p.Height = pictureWidth, int(b.y)+margin/2
	b.p.Title, b.p.Description, b.p.Style = about(h), verdict(h), template.CSS(colourStyle+pictureStyle)
	var out bytes.Buffer
	if err := t.Execute(&out, b.p); err != nil {
		return fmt.Errorf("draw the picture: %w", err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	return nil
}

// painterOf lays a picture out from top to bottom.
type painterOf struct {
	s *shaper
	p picture
	y float64
}

func (b *painterOf) word(class string, x float64, text string) {
	b.p.Words = append(b.p.Words, word{Class: class, X: px(x), Y: px(b.y), Text: text})
}

// head says what it is about.
func (b *painterOf) head(h *review.History) {
	b.y += 14
	b.word("name", margin, shorten(about(h), 80))
	b.y += 24
	class := "verdict"
	if h.Summary.Overran > 0 {
		class += " bad"
	}
	b.word(class, margin, verdict(h))
	b.y += 20
	b.word("soft", margin, rangeWords(h)+fmt.Sprintf(" · positions %d to %d of the log · ", h.Log.First, h.Log.Last)+clean(string(h.Label.Strength)))
	if also := others(h); len(also) > 0 {
		for i, line := range wrap("also "+strings.Join(also, ", "), 165) {
			if i == 3 {
				break // the page and the table have them all
			}
			b.y += 17
			b.word("soft", margin, line)
		}
	}
	b.y += 22
}

// others are the person's other ids.
func others(h *review.History) []string {
	var out []string
	for _, id := range h.Person {
		if id != h.Subject {
			out = append(out, clean(string(id)))
		}
	}
	return out
}

// chart draws axis and lanes.
func (b *painterOf) chart(h *review.History) {
	ticks := b.s.axis.ticks(11)
	b.y += 14
	for _, t := range ticks {
		if t.day != "" {
			b.word("date", b.x(b.s.axis.at(t.at)), t.day)
		}
	}
	b.y += 17
	for _, t := range ticks {
		b.p.Words = append(b.p.Words, word{Class: "tick", X: px(b.x(b.s.axis.at(t.at))), Y: px(b.y), Text: t.label, Anchor: "middle"})
	}
	b.y += 8
	top := b.y
	for _, g := range groups(h) {
		b.y += groupHeight - 12
		b.word("head", margin, kindWords[g.kind][1])
		if g.system != "" {
			b.p.Words[len(b.p.Words)-1].Text += " · " + shorten(g.system, 40)
		}
		b.y += 12
		for _, l := range g.lanes {
			b.row(b.s.row(l))
		}
		if len(g.rest) > 0 {
			b.row(b.s.restRow(g))
		}
	}
	for _, t := range ticks {
		x := px(b.x(b.s.axis.at(t.at)))
		b.p.Rules = append(b.p.Rules, rule{"grid", x, px(top), x, px(b.y)})
	}
	b.p.Rules = append(b.p.Rules, rule{"rule", px(margin), px(top), px(pictureWidth - margin), px(top)}, rule{"rule", px(margin), px(b.y), px(pictureWidth - margin), px(b.y)})
}

func (b *painterOf) x(f float64) float64 { return chartLeft + f*chartWidth }

// row draws one row.
func (b *painterOf) row(r row) {
	shapes := drawnShapes(r.Shapes, func(f float64) string { return px(b.x(f)) }, func(f float64) string { return px(f * chartWidth) }, 7.0/chartWidth)
	b.p.Rows = append(b.p.Rows, placedRow{Y: px(b.y), Shapes: shapes})
	y := b.y
	if r.Sub == "" {
		b.y += 22
		b.word("lane", margin+10, shorten(r.Title, 34))
	} else {
		b.y += 16
		b.word("lane", margin+10, shorten(r.Title, 34))
		b.y += 14
		b.word("sub", margin+10, shorten(r.Sub, 42))
	}
	b.y = y + 23
	class := r.NoteClass
	if class == "" {
		class = "note"
	}
	b.word(class, chartLeft+chartWidth+12, r.Note)
	b.y = y + laneHeight
}

// legend explains the looks that were used.
func (b *painterOf) legend(h *review.History) {
	b.y += 10
	x := float64(margin)
	for _, k := range legendOf(h) {
		width := 46 + float64(len([]rune(k.Words)))*6.4
		if x+width > pictureWidth-margin {
			x = margin
			b.y += 28
		}
		key, y := []shape{k.Shape}, b.y
		if k.Shape.Form == "alert" || k.Shape.Form == "calm" {
			y += 12 // it hangs above its row
		}
		if k.Shape.Form == "link" {
			y -= 13
		}
		b.p.Keys = append(b.p.Keys, placedRow{X: px(x), Y: px(y), Shapes: drawnShapes(key, func(f float64) string { return px(f * 26) }, func(f float64) string { return px(f * 26) }, 1)})
		b.p.Words = append(b.p.Words, word{Class: "soft", X: px(x + 34), Y: px(b.y + 22), Text: k.Words})
		x += width + 14
	}
	b.y += 40
}
