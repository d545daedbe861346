package draw_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/correlator/review/draw"
)

// TestPictureOfTheDemo: Alice's is the picture of the documentation.
func TestPictureOfTheDemo(t *testing.T) {
	for name, file := range map[string]string{
		"alice": filepath.Join("..", "..", "..", "docs", "timeline.svg"),
		"dave":  filepath.Join("testdata", "dave.svg"), "erin": filepath.Join("testdata", "erin.svg"),
	} {
		var out bytes.Buffer
		if err := draw.SVG(&out, morning(t, name)); err != nil {
			t.Fatal(err)
		}
		compare(t, file, out.Bytes())
	}
}
