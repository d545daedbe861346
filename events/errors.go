package events

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The reasons of a [DecodeError]. They are stable: they label metrics and
// quarantine records, and stand in problem details.
const (
	ReasonTooLarge     = "too-large"     // more bytes than the limit
	ReasonTooDeep      = "too-deep"      // nested deeper than MaxDepth
	ReasonTooMany      = "too-many"      // more events in a batch than MaxBatch
	ReasonNotUTF8      = "not-utf8"      // bytes that are not UTF-8
	ReasonBadJSON      = "bad-json"      // not JSON, or not the JSON value it must be
	ReasonDuplicateKey = "duplicate-key" // one name twice in an object or in the headers
	ReasonTrailingData = "trailing-data" // something behind the event
	ReasonContentType  = "content-type"  // not a form of CloudEvent that is read here
	ReasonBadAttribute = "bad-attribute" // a CloudEvents attribute breaks a rule
	ReasonUnknownType  = "unknown-type"  // a well-formed event outside of the vocabulary
	ReasonBadData      = "bad-data"      // the payload breaks its type's schema
)

// DecodeError says why input from outside is refused and where the fault is. It
// never repeats more of the input than a name or a short word, because the rest
// may hold secrets.
type DecodeError struct {
	Reason string // one of the Reason constants
	Where  string // JSON pointer, byte offset or header name; empty: the whole
	Err    error
}

func (e *DecodeError) Error() string {
	if e.Where == "" {
		return fmt.Sprintf("%s: %v", e.Reason, e.Err)
	}
	return fmt.Sprintf("%s at %s: %v", e.Reason, e.Where, e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }

func refuse(reason, where, format string, args ...any) *DecodeError {
	return &DecodeError{Reason: reason, Where: where, Err: fmt.Errorf(format, args...)}
}

// maxWhere bounds a place: member names come from outside and may be long.
const maxWhere = 200

func place(pointer jsontext.Pointer, offset int64) string {
	p := string(pointer)
	if len(p) > maxWhere {
		p = strings.ToValidUTF8(p[:maxWhere], "") + "…"
	}
	if p == "" {
		return fmt.Sprintf("byte %d", offset)
	}
	return fmt.Sprintf("%s (byte %d)", p, offset)
}

// syntaxError turns the JSON reader's error into ours. Its text names a place
// and at most a few characters of the input.
func syntaxError(err error) *DecodeError {
	var syn *jsontext.SyntacticError
	switch {
	case errors.As(err, &syn) && errors.Is(syn.Err, jsontext.ErrDuplicateName):
		return &DecodeError{ReasonDuplicateKey, place(syn.JSONPointer, syn.ByteOffset),
			errors.New("this name occurs twice in one object")}
	case errors.As(err, &syn) && errors.Is(syn.Err, io.ErrUnexpectedEOF):
		return &DecodeError{ReasonBadJSON, place(syn.JSONPointer, syn.ByteOffset), errors.New("the JSON text is cut off")}
	case errors.As(err, &syn):
		return &DecodeError{ReasonBadJSON, place(syn.JSONPointer, syn.ByteOffset), syn.Err}
	case errors.Is(err, io.EOF):
		return &DecodeError{ReasonBadJSON, "byte 0", errors.New("there is no JSON text")}
	}
	return &DecodeError{ReasonBadJSON, "", err}
}
