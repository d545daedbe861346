package events

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits on one HTTP request.
const (
	MaxRequest = 8 << 20 // bytes of its body
	MaxBatch   = 1000    // events in it
)

// Item is one event of a request, or why it is refused.
type Item struct {
	Index int // place in the batch, from 0
	Event Event
	Err   error // a *DecodeError; nil when Event holds
}

// DecodeHTTP reads the CloudEvents of an HTTP request or response (CloudEvents
// HTTP binding 1.0.2): structured, batch, or binary; header is an http.Header.
// Each event is judged by itself, so that one bad event of a batch costs only
// itself; the error, a [*DecodeError], is for the request as a whole: its content
// type, its size, or a batch whose events cannot be told apart.
func DecodeHTTP(header map[string][]string, body []byte) ([]Item, error) {
	if len(body) > MaxRequest {
		return nil, refuse(ReasonTooLarge, "", "the request has %d bytes, more than %d", len(body), MaxRequest)
	}
	h, err := readHeaders(header)
	if err != nil {
		return nil, err
	}
	m, err := h.mode()
	if err != nil {
		return nil, err
	}
	switch m {
	case modeBatch:
		return decodeBatch(body)
	case modeStructured:
		ev, err := Decode(body)
		return []Item{{Event: ev, Err: err}}, nil
	}
	if _, ok := h.attributes["datacontenttype"]; ok {
		return nil, refuse(ReasonBadAttribute, "header ce-datacontenttype", "over HTTP this attribute is the header Content-Type")
	}
	if h.contentType != "" {
		if err := mediaType(h.contentType); err != nil {
			return nil, &DecodeError{ReasonContentType, "header content-type", err}
		}
		h.attributes["datacontenttype"] = h.contentType
	}
	item := Item{}
	if item.Event, err = h.binary(body, httpDecode); err != nil {
		item.Err = err
	}
	return []Item{item}, nil
}

// decodeBatch cuts a JSON array into events. The cutting is lenient about names
// that occur twice and about UTF-8, which are faults of one event, and strict
// about the syntax, without which there are no events.
func decodeBatch(body []byte) ([]Item, error) {
	dec := newReader(body, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	defer dec.free()
	if dec.PeekKind() != '[' {
		if _, err := dec.ReadValue(); err != nil {
			return nil, deepOr(err, body, 0)
		}
		return nil, refuse(ReasonBadJSON, "", "a batch is a JSON array of events")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, syntaxError(err)
	}
	var items []Item
	for dec.PeekKind() != ']' {
		began := dec.InputOffset()
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, deepOr(err, body, int(began))
		}
		if len(items) == MaxBatch {
			return nil, refuse(ReasonTooMany, place("", dec.InputOffset()), "the batch has more than %d events", MaxBatch)
		}
		ev, err := Decode(raw)
		items = append(items, Item{Index: len(items), Event: ev, Err: err})
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, syntaxError(err)
	}
	if err := nothingBehind(body, dec.InputOffset()); err != nil {
		return nil, err
	}
	return items, nil
}

// deepOr words why an event of a batch, which begins at a byte, could not be read: if
// it nests too deeply before the place of the error, it is that. The reader has a
// limit of its own, far beyond ours, and a text that only opens ends in nothing.
func deepOr(err error, body []byte, began int) *DecodeError {
	end := len(body)
	if syn := (*jsontext.SyntacticError)(nil); errors.As(err, &syn) {
		end = max(began, min(end, int(syn.ByteOffset)+1))
	}
	if at := tooDeep(body[began:end]); at >= 0 {
		return refuse(ReasonTooDeep, place("", int64(began+at)), "nested deeper than %d", MaxDepth)
	}
	return syntaxError(err)
}

// httpDecode undoes the encoding of a header value: quoted strings, which older
// producers use, and then percent-encoding.
func httpDecode(s string) (string, error) {
	if !strings.HasPrefix(s, `"`) {
		return percentDecode(s)
	}
	if len(s) < 2 || !strings.HasSuffix(s, `"`) {
		return "", errors.New("begins a quoted string that does not end")
	}
	var b strings.Builder
	inner := s[1 : len(s)-1]
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '"':
			return "", errors.New("has a quote inside a quoted string")
		case '\\':
			if i++; i == len(inner) {
				return "", errors.New("begins a quoted string that does not end")
			}
		}
		b.WriteByte(inner[i])
	}
	return percentDecode(b.String())
}
