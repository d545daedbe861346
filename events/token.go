package events

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// EscapeToken makes any string one token of a NATS subject, reversibly and in
// one way only: ASCII letters, digits and - _ ~ : / @ = + , stay as they are,
// every other byte becomes % and two upper-case hex digits, and the empty string
// becomes a lone %. So nothing that comes from outside can add a token (dot),
// match others (* and >), split a protocol line (space and control characters)
// or be normalised away (non-ASCII).
func EscapeToken(s string) string {
	if s == "" {
		return "%"
	}
	plain := 0
	for plain < len(s) && tokenByte(s[plain]) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	const digits = "0123456789ABCDEF"
	b := make([]byte, plain, len(s)+16)
	copy(b, s)
	for _, c := range []byte(s[plain:]) {
		if tokenByte(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

func tokenByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-_~:/@=+,", c) >= 0
}

// ErrShortened means that a token stands for a string too long for a subject, of
// which it has only the beginning and a hash.
var ErrShortened = errors.New("the token was shortened and cannot be read back")

// UnescapeToken reads back what [EscapeToken] wrote, and refuses everything
// else, so that two different tokens never read as the same string. It returns
// [ErrShortened] for a token that a subject function cut.
func UnescapeToken(token string) (string, error) {
	if token == "%" {
		return "", nil
	}
	if token == "" {
		return "", errors.New("a subject token is empty")
	}
	b := make([]byte, 0, len(token))
	for i := 0; i < len(token); i++ {
		c := token[i]
		switch {
		case tokenByte(c):
			b = append(b, c)
		case c == '%' && strings.HasPrefix(token[i:], shortMark):
			return "", ErrShortened
		case c == '%' && i+2 < len(token) && unhex(token[i+1]) >= 0 && unhex(token[i+2]) >= 0:
			v := byte(unhex(token[i+1])<<4 | unhex(token[i+2]))
			if hex := token[i+1 : i+3]; tokenByte(v) || hex != strings.ToUpper(hex) {
				return "", fmt.Errorf("%%%s at byte %d of a subject token is not how it is written", hex, i)
			}
			b = append(b, v)
			i += 2
		default:
			return "", fmt.Errorf("byte %d of a subject token may not stand there", i)
		}
	}
	return string(b), nil
}

const (
	// maxToken bounds a token, so that a subject with three of them stays below
	// 512 bytes.
	maxToken = 150
	// shortMark divides what is left of a long token from its hash. It cannot
	// come from EscapeToken: ~ is no hex digit.
	shortMark = "%~"
	// shortHash is how many bytes of the SHA-256 are kept: 128 bits, so that
	// nobody finds two sources that share a subject.
	shortHash = 16
)

// subjectToken is EscapeToken, except that a result over maxToken bytes keeps
// its beginning and is told apart by a hash of the whole: <beginning>%~<hex>.
func subjectToken(s string) string {
	t := EscapeToken(s)
	if len(t) <= maxToken {
		return t
	}
	sum := sha256.Sum256([]byte(s))
	cut := maxToken - len(shortMark) - 2*shortHash
	if i := strings.LastIndexByte(t[:cut], '%'); i > cut-3 {
		cut = i // not through the middle of an escape
	}
	return t[:cut] + shortMark + hex.EncodeToString(sum[:shortHash])
}
