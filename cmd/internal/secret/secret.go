package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that shows itself only to who asks for it by name.
type Secret struct{ text string }

// New wraps a text.
func New(text string) Secret { return Secret{text} }

// Reveal is the text. Its callers are the places to look at in a review.
func (s Secret) Reveal() string { return s.text }

// IsZero reports whether there is none.
func (s Secret) IsZero() bool { return s.text == "" }

// String hides the text from %s, %v and string building.
func (Secret) String() string { return redacted }

// GoString hides it from %#v.
func (Secret) GoString() string { return redacted }

// Format hides it from every other verb: %x and %q of a struct reach inside.
func (Secret) Format(f fmt.State, _ rune) {
	// A Formatter has no way to report an error; fmt keeps the state's own.
	_, _ = io.WriteString(f, redacted)
}

// LogValue hides it from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides it from encoders of text and from JSON object keys.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON hides it from encoding/json.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
