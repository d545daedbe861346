package events

import (
	"errors"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Content types of CloudEvents in JSON.
const (
	ContentTypeEvent = "application/cloudevents+json; charset=UTF-8"
	ContentTypeBatch = "application/cloudevents-batch+json; charset=UTF-8"
)

// mode is how a message carries a CloudEvent.
type mode int

const (
	modeNone mode = iota
	modeStructured
	modeBatch
	modeBinary
)

// headers are what the bindings have in common: one content type, and the
// attributes under "ce-" in any case.
type headers struct {
	contentType string
	attributes  map[string]string // by name without "ce-", in lower case
}

// readHeaders picks out what is ours. A header that occurs twice, be it in two
// cases, is refused: which of two ids is the id would be up to the reader.
func readHeaders(header map[string][]string) (headers, *DecodeError) {
	h := headers{attributes: map[string]string{}}
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(header)) {
		lower := strings.ToLower(key)
		name, isAttribute := strings.CutPrefix(lower, "ce-")
		if !isAttribute && lower != "content-type" {
			continue
		}
		values := header[key]
		if len(values) == 0 {
			continue
		}
		if seen[lower] || len(values) > 1 {
			return headers{}, refuse(ReasonDuplicateKey, "header "+headerName(lower), "occurs more than once")
		}
		seen[lower] = true
		if isAttribute {
			h.attributes[name] = values[0]
		} else {
			h.contentType = values[0]
		}
	}
	return h, nil
}

func headerName(name string) string {
	return strconv.QuoteToASCII(name[:min(len(name), maxWhere)])
}

// mode tells structured, batch and binary apart, as the bindings do: by the
// content type first.
func (h *headers) mode() (mode, *DecodeError) {
	if h.contentType == ContentTypeEvent { // as nearly every message says it
		return modeStructured, nil
	}
	if !strings.HasPrefix(strings.ToLower(h.contentType), "application/cloudevents") {
		if len(h.attributes) == 0 {
			return modeNone, refuse(ReasonContentType, "header content-type",
				"not a CloudEvent: neither a content type application/cloudevents+json nor ce- headers")
		}
		return modeBinary, nil
	}
	media, params, err := mime.ParseMediaType(h.contentType)
	if err != nil {
		return modeNone, refuse(ReasonContentType, "header content-type", "is malformed")
	}
	if !utf8Charset(params) {
		return modeNone, refuse(ReasonContentType, "header content-type", "names another charset than UTF-8")
	}
	switch media {
	case "application/cloudevents+json", "application/cloudevents":
		return modeStructured, nil
	case "application/cloudevents-batch+json":
		return modeBatch, nil
	}
	return modeNone, refuse(ReasonContentType, "header content-type",
		"is %.100q; the only event format read here is JSON", media)
}

// binary reads an event whose attributes are headers and whose body is the data.
func (h *headers) binary(body []byte, decode func(string) (string, error)) (Event, *DecodeError) {
	env := envelope{data: body, hasData: len(body) > 0, binary: true}
	for _, name := range slices.Sorted(maps.Keys(h.attributes)) {
		where := "header " + headerName("ce-"+name)
		if !attributeName([]byte(name)) {
			return Event{}, refuse(ReasonBadAttribute, where, "an attribute's name has letters and digits only")
		}
		text, err := decode(h.attributes[name])
		if err == nil {
			err = env.set([]byte(name), textValue(text))
		}
		if err != nil {
			reason := ReasonBadAttribute
			if errors.Is(err, errNotUTF8) {
				reason = ReasonNotUTF8
			}
			return Event{}, &DecodeError{reason, where, err}
		}
	}
	if err := env.complete(); err != nil {
		return Event{}, err
	}
	return env.event()
}

var errNotUTF8 = errors.New("is not UTF-8")

// percentDecode undoes the encoding that the bindings prescribe for header
// values (http-protocol-binding.md, 3.1.3.2), one round. A lone % is refused: it
// comes from producers that do not encode, and what they mean is a guess.
func percentDecode(s string) (string, error) {
	out := s
	if strings.IndexByte(s, '%') >= 0 {
		b := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			if s[i] != '%' {
				b = append(b, s[i])
				continue
			}
			if i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
				return "", errors.New("has a % that two hex digits do not follow")
			}
			b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		}
		out = string(b)
	}
	if !utf8.ValidString(out) {
		return "", errNotUTF8
	}
	return out, nil
}

// unhex is the value of a hex digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
