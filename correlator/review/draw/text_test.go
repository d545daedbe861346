package draw_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/overstay/overstay/correlator/review/draw"
)

func TestTextOfTheDemo(t *testing.T) {
	for _, name := range []string{"alice", "dave", "erin"} {
		var out bytes.Buffer
		if err := draw.Text(&out, morning(t, name), false); err != nil {
			t.Fatal(err)
		}
		compare(t, filepath.Join("testdata", name+".txt"), out.Bytes())
		for _, line := range strings.Split(out.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}
