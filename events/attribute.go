package events

import (
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// The rules of CloudEvents 1.0.2 for attribute names and values
// (spec.md, "Naming Conventions" and "Type System").

// attributeName reports whether name may name an attribute: lower-case ASCII
// letters and digits. "data" is not one.
func attributeName(name []byte) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(name) > 0 && string(name) != "data"
}

// attributeText checks the type String.
func attributeText(s string) error {
	switch {
	case len(s) > MaxText:
		return fmt.Errorf("has %d bytes, more than %d", len(s), MaxText)
	case !utf8.ValidString(s):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(s, isControl):
		return errors.New("contains a control character")
	}
	return nil
}

// parseTime reads an RFC 3339 time with a zone, as UTC, so that one instant has
// one spelling from here on.
func parseTime(text []byte) (time.Time, error) {
	var t time.Time
	if !rfc3339(text) || t.UnmarshalText(text) != nil {
		return time.Time{}, errors.New("is not an RFC 3339 time with a zone, such as 2026-03-01T09:00:00Z")
	}
	if t = t.UTC(); t.IsZero() {
		return time.Time{}, errors.New("is the year 1, which stands for nothing stated: leave it out")
	}
	return t, nil
}

// rfc3339 checks the form, and the zone's range, which package time does not: it
// takes a one-digit hour, a decimal comma and the zone +23:99
// (https://go.dev/issue/54580).
func rfc3339(text []byte) bool {
	const form = "0000-00-00T00:00:00"
	if len(text) <= len(form) || !hasForm(text[:len(form)], form) {
		return false
	}
	rest := text[len(form):]
	if rest[0] == '.' {
		n := 1
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
			n++
		}
		if n == 1 {
			return false
		}
		rest = rest[n:]
	}
	if string(rest) == "Z" {
		return true
	}
	return (hasForm(rest, "+00:00") || hasForm(rest, "-00:00")) && string(rest[1:3]) < "24" && rest[4] < '6'
}

// hasForm reports whether b is like form, where a 0 stands for any digit.
func hasForm(b []byte, form string) bool {
	if len(b) != len(form) {
		return false
	}
	for i, c := range b {
		if f := form[i]; f == '0' && (c < '0' || c > '9') || f != '0' && c != f {
			return false
		}
	}
	return true
}

// uriReference parses the type URI-reference (RFC 3986, section 4.1).
func uriReference(s string) (*url.URL, error) {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return nil, fmt.Errorf("is not a URI reference: %q must be percent-encoded", rune(c))
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("is not a URI reference")
	}
	return u, nil
}

// plainURI reports whether s is of the form that nearly every source has,
// scheme://host/path in bare characters. Such a one is a URI in normal form; it
// spares parsing, which else is a tenth of reading an event.
func plainURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" || rest == "" || rest[0] == '/' {
		return false
	}
	for _, c := range []byte(scheme) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	for _, c := range []byte(rest) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '_', c == '/':
		default:
			return false
		}
	}
	return true
}

// absoluteURI parses the type URI.
func absoluteURI(s string) (*url.URL, error) {
	u, err := uriReference(s)
	if err == nil && !u.IsAbs() {
		err = errors.New("is not an absolute URI")
	}
	return u, err
}

// mediaType checks the form type/subtype (RFC 2046); mime would take a lone word.
func mediaType(s string) error {
	m, _, err := mime.ParseMediaType(s)
	major, minor, ok := strings.Cut(m, "/")
	if err != nil || !ok || major == "" || minor == "" {
		return errors.New("is not a media type such as application/json")
	}
	return nil
}

// isJSONType reports whether a media type declares JSON in UTF-8. The empty one
// does: it is what CloudEvents means by a missing datacontenttype in JSON.
func isJSONType(s string) bool {
	if s == "" || s == contentTypeJSON {
		return true
	}
	m, params, err := mime.ParseMediaType(s)
	return err == nil && utf8Charset(params) &&
		(m == contentTypeJSON || m == "text/json" || strings.HasSuffix(m, "+json"))
}

func utf8Charset(params map[string]string) bool {
	cs, ok := params["charset"]
	return !ok || strings.EqualFold(cs, "utf-8") || strings.EqualFold(cs, "us-ascii")
}
