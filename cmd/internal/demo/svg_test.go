package demo

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/overstay/overstay/cmd/internal/repotest"
)

// TestPicture draws the output in colour, as a terminal shows it, for the README.
// It is dark on every page, as terminals are.
func TestPicture(t *testing.T) {
	file := filepath.Join(repotest.Root(t), "docs", "demo.svg")
	var out bytes.Buffer
	if err := Run(context.Background(), &out, Options{Version: "test", Colour: true}); err != nil {
		t.Fatal(err)
	}
	got := draw(out.String())
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the demo prints; go test ./cmd/internal/demo -update draws it anew", file)
	}
}

// colours are those of the SGR parameters that the demo uses, with at least 7:1 on
// the background.
var colours = map[look]string{
	plain: "#e6edf3", bold: "#ffffff", dim: "#a3adb8", red: "#ff7b72", green: "#7ee787",
	yellow: "#f2cc60", blue: "#a5c8ff", cyan: "#8fe3e8",
}

const (
	background = "#0d1117"
	charWidth  = 8.43 // of a monospaced font of 14 pixels, as textLength makes it
	lineHeight = 19
	margin     = 18
)

// draw makes an SVG of text with SGR sequences.
func draw(text string) string {
	lines := strings.Split(strings.TrimSuffix("$ overstay demo\n\n"+text, "\n"), "\n")
	w, h := width*charWidth+2*margin, len(lines)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d" role="img" aria-label="A terminal with the output of overstay demo">
<rect width="100%%" height="100%%" rx="8" fill="%s" stroke="#30363d"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
`, w, h, w, h, background)
	for n, line := range lines {
		column := 0
		for _, span := range spans(line) {
			chars := utf8.RuneCountInString(span.text)
			if strings.TrimSpace(span.text) != "" {
				weight := ""
				if span.look == bold || span.look == red {
					weight = ` font-weight="bold"`
				}
				fmt.Fprintf(&b, `<text x="%.2f" y="%d" textLength="%.2f" fill="%s"%s>%s</text>`+"\n", margin+float64(column)*charWidth,
					margin+n*lineHeight+14, float64(chars)*charWidth, colours[span.look], weight, html.EscapeString(span.text))
			}
			column += chars
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// span is a piece of a line in one look.
type span struct {
	look look
	text string
}

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// spans cuts a line at its SGR sequences, and long runs of blanks away from the
// words, which a font of another width would move.
func spans(line string) []span {
	var out []span
	now := plain
	add := func(text string) {
		lead := len(text) - len(strings.TrimLeft(text, " "))
		for _, part := range []string{text[:lead], text[lead:]} {
			if part != "" {
				out = append(out, span{now, part})
			}
		}
	}
	for {
		at := sgr.FindStringSubmatchIndex(line)
		if at == nil {
			add(line)
			return out
		}
		add(line[:at[0]])
		now = look(strings.TrimPrefix(line[at[2]:at[3]], "0"))
		line = line[at[1]:]
	}
}
