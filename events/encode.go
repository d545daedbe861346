package events

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Encode writes an event as a structured CloudEvent in canonical JSON (RFC
// 8785): equal events give equal bytes. It refuses what [Decode] would refuse,
// so that nothing unreadable gets into a log: an [*InvalidError], or a
// [*DecodeError] with [ReasonTooLarge] (split a snapshot part in that case).
func Encode(e Event) ([]byte, error) {
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("encoding event %.100q of %.100q: %w", e.ID, e.Source, err)
	}
	data, err := encodeData(e.Data)
	if err != nil {
		return nil, fmt.Errorf("encoding the data of event %.100q of %.100q: %w", e.ID, e.Source, err)
	}
	w := memberWriter{buf: make([]byte, 0, len(data)+512)}
	// The members stand in the order that RFC 8785 asks for.
	w.raw(`{"data":`, data)
	w.text(`,"datacontenttype":`, contentTypeJSON)
	w.text(`,"id":`, e.ID)
	if !e.Recorded.IsZero() {
		w.text(`,"recordedtime":`, e.Recorded.Format(time.RFC3339Nano))
	}
	if !e.Sequence.IsZero() {
		w.text(`,"sequence":`, e.Sequence.String())
	}
	w.text(`,"source":`, e.Source)
	w.text(`,"specversion":`, specVersion)
	if e.Subject != "" {
		w.text(`,"subject":`, string(e.Subject))
	}
	w.text(`,"time":`, e.Time.Format(time.RFC3339Nano))
	if e.TraceParent != "" {
		w.text(`,"traceparent":`, e.TraceParent)
	}
	w.text(`,"type":`, string(e.Type))
	w.raw(`}`, nil)
	switch {
	case w.err != nil:
		return nil, fmt.Errorf("encoding event %.100q of %.100q: %w", e.ID, e.Source, w.err)
	case len(w.buf) > MaxBody:
		return nil, refuse(ReasonTooLarge, "", "event %.100q of %.100q has %d bytes, more than %d", e.ID, e.Source, len(w.buf), MaxBody)
	}
	return w.buf, nil
}

// memberWriter appends members of an object and keeps the first error.
type memberWriter struct {
	buf []byte
	err error
}

func (w *memberWriter) raw(before string, value []byte) {
	w.buf = append(append(w.buf, before...), value...)
}

func (w *memberWriter) text(before, value string) {
	var err error
	if w.buf, err = jsontext.AppendQuote(append(w.buf, before...), value); err != nil && w.err == nil {
		w.err = err
	}
}

// marshalOptions write what the struct tags say with the meaning that
// encoding/json gives them (omitempty leaves out false and 0), and times in UTC.
var marshalOptions = json.JoinOptions(
	jsonv1.OmitEmptyWithLegacySemantics(true),
	json.WithMarshalers(json.MarshalToFunc(marshalTime)),
)

func marshalTime(enc *jsontext.Encoder, t time.Time) error {
	return enc.WriteToken(jsontext.String(t.UTC().Format(time.RFC3339Nano)))
}

func encodeData(d Data) ([]byte, error) {
	b, err := json.Marshal(d, marshalOptions)
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(b)
	if err := v.Canonicalize(); err != nil {
		return nil, err
	}
	return v, nil
}
