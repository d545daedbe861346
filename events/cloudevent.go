package events

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"
	"github.com/go-json-experiment/json/jsontext"
)

// DecodeCloudEvent reads one structured CloudEvent of any type into the SDK's
// model, by the same strict reader as [Decode]. The SDK's own JSON decoder is
// not used: against the conformance corpus it takes an empty subject, an empty
// dataschema, a wrong datacontenttype and a capitalised extension, and refuses
// an explicit null. The error is a [*DecodeError].
func DecodeCloudEvent(body []byte) (event.Event, error) {
	env, derr := readEnvelope(body, true)
	if derr != nil {
		return event.Event{}, derr
	}
	ce, derr := env.cloudEvent()
	if derr != nil {
		return event.Event{}, derr
	}
	return ce, nil
}

// cloudEvent fills the SDK's struct and not its setters, which trim spaces.
func (env *envelope) cloudEvent() (event.Event, *DecodeError) {
	source, err := uriReference(env.source)
	if err != nil {
		return event.Event{}, &DecodeError{ReasonBadAttribute, "/source", err}
	}
	ec := &event.EventContextV1{ID: env.id, Source: types.URIRef{URL: *source}, Type: env.typ}
	if env.subject != "" {
		ec.Subject = &env.subject
	}
	if !env.time.IsZero() {
		ec.Time = &types.Timestamp{Time: env.time}
	}
	if env.dataContentType != "" {
		ec.DataContentType = &env.dataContentType
	}
	if env.dataSchema != "" {
		schema, err := absoluteURI(env.dataSchema)
		if err != nil {
			return event.Event{}, &DecodeError{ReasonBadAttribute, "/dataschema", err}
		}
		ec.DataSchema = &types.URI{URL: *schema}
	}
	if len(env.extensions) > 0 {
		ec.Extensions = env.extensions
	}
	ce := event.Event{Context: ec, DataBase64: env.binary}
	ce.DataEncoded, err = env.octets()
	if err != nil {
		return event.Event{}, &DecodeError{ReasonBadData, place("/data", env.dataAt), err}
	}
	return ce, nil
}

// octets is the data as the content type has it: under another type than JSON, a
// JSON string stands for its text (json-format.md, 3.1.1).
func (env *envelope) octets() ([]byte, error) {
	if !env.hasData {
		return nil, nil
	}
	if env.binary || isJSONType(env.dataContentType) {
		return bytes.Clone(env.data), nil
	}
	if jsontext.Value(env.data).Kind() != '"' {
		return nil, fmt.Errorf("is not a string, although datacontenttype is not JSON")
	}
	text, err := unquoted(env.data)
	return bytes.Clone(text), err
}

// FromCloudEvent makes an event of the vocabulary from one of the SDK's, by the
// rules of [Decode]. The error is a [*DecodeError].
func FromCloudEvent(ce event.Event) (Event, error) {
	if ce.Context == nil {
		return Event{}, refuse(ReasonBadAttribute, "/specversion", "is required")
	}
	for _, name := range slices.Sorted(maps.Keys(ce.FieldErrors)) {
		return Event{}, refuse(ReasonBadAttribute, "/"+name, "the CloudEvents SDK refused its value")
	}
	env := envelope{data: ce.Data(), hasData: ce.Data() != nil, binary: true}
	if err := env.setFrom(ce); err != nil {
		return Event{}, err
	}
	if err := env.complete(); err != nil {
		return Event{}, err
	}
	ev, derr := env.event()
	if derr != nil {
		return Event{}, derr
	}
	return ev, nil
}

// setFrom takes the attributes that we read. The SDK has the empty string for
// "absent"; complete finds what must be there.
func (env *envelope) setFrom(ce event.Event) *DecodeError {
	type attribute struct{ name, text string }
	attributes := []attribute{
		{"specversion", ce.SpecVersion()}, {"id", ce.ID()}, {"source", ce.Source()}, {"type", ce.Type()},
		{"subject", ce.Subject()}, {"datacontenttype", ce.DataContentType()}, {"dataschema", ce.DataSchema()},
	}
	if !ce.Time().IsZero() {
		attributes = append(attributes, attribute{"time", types.FormatTime(ce.Time())})
	}
	for _, name := range []string{"recordedtime", "sequence", "traceparent"} {
		v, ok := ce.Extensions()[name]
		if !ok {
			continue
		}
		text, err := types.Format(v)
		if err != nil {
			return &DecodeError{ReasonBadAttribute, "/" + name, err}
		}
		attributes = append(attributes, attribute{name, text})
	}
	for _, a := range attributes {
		if a.text == "" {
			continue
		}
		if err := env.set([]byte(a.name), textValue(a.text)); err != nil {
			return &DecodeError{ReasonBadAttribute, "/" + a.name, err}
		}
	}
	return nil
}

// CloudEvent is the event in the SDK's model. It fails as [Encode] does.
func (e Event) CloudEvent() (event.Event, error) {
	if err := e.Validate(); err != nil {
		return event.Event{}, fmt.Errorf("making a CloudEvent of event %.100q of %.100q: %w", e.ID, e.Source, err)
	}
	data, err := encodeData(e.Data)
	if err != nil {
		return event.Event{}, fmt.Errorf("encoding the data of event %.100q of %.100q: %w", e.ID, e.Source, err)
	}
	env := envelope{id: e.ID, source: e.Source, typ: string(e.Type), subject: string(e.Subject), time: e.Time,
		dataContentType: contentTypeJSON, data: data, hasData: true, extensions: map[string]any{}}
	if !e.Recorded.IsZero() {
		env.extensions["recordedtime"] = types.Timestamp{Time: e.Recorded}
	}
	if !e.Sequence.IsZero() {
		env.extensions["sequence"] = e.Sequence.String()
	}
	if e.TraceParent != "" {
		env.extensions["traceparent"] = e.TraceParent
	}
	ce, derr := env.cloudEvent()
	if derr != nil {
		return event.Event{}, derr
	}
	return ce, nil
}
