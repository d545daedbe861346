package draw_test

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/overstay/overstay/correlator/review/draw"
)

func narrow(t *testing.T, name, text string) {
	t.Helper()
	for _, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("%s: %d columns: %s", name, n, line)
		}
	}
}

// TestTextOfABusyDay: 500 accesses are a page or two.
func TestTextOfABusyDay(t *testing.T) {
	h := busyDay(t)
	var out bytes.Buffer
	if err := draw.Text(&out, h, false); err != nil {
		t.Fatal(err)
	}
	narrow(t, "busy", out.String())
	chart, _, _ := strings.Cut(out.String(), "\nAlerts\n")
	if n := strings.Count(chart, "\n"); n > 48 || strings.Count(chart, "█") < h.Summary.Overran {
		t.Errorf("%d lines:\n%s", n, chart)
	}
	for _, l := range h.Lanes {
		if l.Overrun > 0 && !strings.Contains(out.String(), l.Spans[len(l.Spans)-1].End.Event) {
			t.Errorf("the end of %s is not told", l.ID)
		}
	}
}

// TestTextInColour: the colours say nothing that the characters do not.
func TestTextInColour(t *testing.T) {
	h := morning(t, "alice")
	var plain, colours bytes.Buffer
	if err := draw.Text(&plain, h, false); err != nil {
		t.Fatal(err)
	}
	if err := draw.Text(&colours, h, true); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colours.String(), "\x1b[1;31m█") {
		t.Error("colours where none are wanted, or none where they are")
	}
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	if got := sgr.ReplaceAllString(colours.String(), ""); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(plain.String()), " ") {
		t.Errorf("without its colours it is\n%s", got)
	}
}

func TestTextOfTheDemo(t *testing.T) {
	for _, name := range []string{"alice", "dave", "erin"} {
		var out bytes.Buffer
		if err := draw.Text(&out, morning(t, name), false); err != nil {
			t.Fatal(err)
		}
		compare(t, filepath.Join("testdata", name+".txt"), out.Bytes())
		narrow(t, name, out.String())
	}
}
