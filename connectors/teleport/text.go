package teleport

import (
	"strings"
	"unicode/utf8"
)

// Lengths of text taken over from records, in bytes.
const (
	maxReason = 1 << 10
	maxName   = 512
)

// clean makes s fit for an event or an error: control characters become spaces,
// invalid UTF-8 goes, and what is longer than most bytes is cut at a character.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case r < 0x20, 0x7f <= r && r < 0xa0:
			return ' '
		}
		return r
	}, s)
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
