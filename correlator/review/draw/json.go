package draw

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"

	"github.com/overstay/overstay/correlator/review"
)

// JSON writes a history as JSON. Names are exact; characters that are not to be seen,
// or that change the direction of writing, are escaped.
func JSON(w io.Writer, h *review.History) error {
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the time line: %w", err)
	}
	var out bytes.Buffer
	for _, r := range string(text) {
		if !unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) && (r < 0x7f || !unicode.IsControl(r)) {
			out.WriteRune(r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, u)
		}
	}
	out.WriteByte('\n')
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the time line: %w", err)
	}
	return nil
}
