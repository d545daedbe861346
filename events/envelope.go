package events

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	specVersion     = "1.0"
	contentTypeJSON = "application/json"
)

// envelope is a CloudEvent of any type whose attributes keep the rules, before
// its data is looked at. Every binding fills one; Event and the SDK's event are
// made from it.
type envelope struct {
	versioned       bool
	id, source, typ string
	subject         string
	time            time.Time
	dataContentType string
	dataSchema      string

	// The extensions that we know, as they came: other vocabularies may mean
	// something else by the same names.
	recordedTime, sequence, traceParent value

	// extensions holds every extension, with its value as string, bool or
	// int32; nil when nobody wants them.
	extensions map[string]any

	data    []byte // as transported: JSON text, or octets when binary
	dataAt  int64  // where data begins in the body, for error places
	binary  bool   // data came as octets and was not looked at
	hasData bool
}

// value is an attribute's value: text, or one of the two other JSON kinds that
// an extension may have.
type value struct {
	kind jsontext.Kind // '"', 't', 'f' or '0'
	text string
	num  int32
}

func textValue(s string) value { return value{kind: '"', text: s} }

// readEnvelope reads the JSON format (CloudEvents json-format.md). keep says
// whether to remember the extensions.
func readEnvelope(body []byte, keep bool) (envelope, *DecodeError) {
	var env envelope
	if len(body) > MaxBody {
		return env, refuse(ReasonTooLarge, "", "the event has %d bytes, more than %d", len(body), MaxBody)
	}
	if err := guard(body, 0); err != nil {
		return env, err
	}
	if keep {
		env.extensions = map[string]any{}
	}
	dec := newReader(body)
	defer dec.free()
	if dec.PeekKind() != '{' {
		if _, err := dec.ReadValue(); err != nil {
			return env, syntaxError(err)
		}
		return env, refuse(ReasonBadJSON, "", "an event is a JSON object")
	}
	if err := env.readMembers(&dec.Decoder, body); err != nil {
		return env, err
	}
	if err := nothingBehind(body, dec.InputOffset()); err != nil {
		return env, err
	}
	return env, env.complete()
}

// readMembers reads the event's object. Names and values are cut from the body
// by their offsets: what the reader returns holds only until its next step.
func (env *envelope) readMembers(dec *jsontext.Decoder, body []byte) *DecodeError {
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	cut := func() (jsontext.Value, int64, error) {
		v, err := dec.ReadValue()
		end := dec.InputOffset()
		return body[end-int64(len(v)) : end], end - int64(len(v)), err
	}
	for dec.PeekKind() != '}' {
		name, _, err := cut()
		if err != nil {
			return syntaxError(err)
		}
		raw, at, err := cut()
		if err != nil {
			return syntaxError(err)
		}
		if err := env.member(name, raw, at); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	return nil
}

func nothingBehind(body []byte, end int64) *DecodeError {
	rest := bytes.TrimLeft(body[end:], " \t\r\n")
	if len(rest) == 0 {
		return nil
	}
	return refuse(ReasonTrailingData, "byte "+strconv.Itoa(len(body)-len(rest)), "there is more behind the JSON value")
}

// unquoted is the text of a JSON string.
func unquoted(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	return jsontext.AppendUnquote(nil, raw)
}

// member takes one name and value of the event's object.
func (env *envelope) member(quoted []byte, raw jsontext.Value, at int64) *DecodeError {
	name, err := unquoted(quoted)
	if err != nil {
		return syntaxError(err)
	}
	kind := raw.Kind()
	switch string(name) {
	case "data", "data_base64":
		if kind == 'n' {
			return nil
		}
		return env.setData(string(name), raw, at)
	}
	where := func() string { return place(jsontext.Pointer("").AppendToken(string(name)), at) }
	if !attributeName(name) {
		return refuse(ReasonBadAttribute, where(), "an attribute's name has lower-case letters and digits only")
	}
	var v value
	switch kind {
	case 'n':
		return nil // absent, says json-format.md, 2.2
	case '"':
		text, err := unquoted(raw)
		if err != nil {
			return syntaxError(err)
		}
		v = textValue(string(text))
	case 't', 'f':
		v = value{kind: kind}
	case '0':
		n, err := strconv.ParseInt(string(raw), 10, 32)
		if err != nil {
			return refuse(ReasonBadAttribute, where(), "a number in an attribute is a 32-bit integer")
		}
		v = value{kind: kind, num: int32(n)}
	default:
		return refuse(ReasonBadAttribute, where(), "an attribute is a string, a boolean or an integer")
	}
	if err := env.set(name, v); err != nil {
		return &DecodeError{ReasonBadAttribute, where(), err}
	}
	return nil
}

func (env *envelope) setData(name string, raw jsontext.Value, at int64) *DecodeError {
	if env.hasData {
		return refuse(ReasonBadData, place("/"+jsontext.Pointer(name), at), "there are both data and data_base64")
	}
	env.hasData, env.data, env.dataAt = true, raw, at
	if name == "data" {
		return nil
	}
	if raw.Kind() != '"' {
		return refuse(ReasonBadData, place("/data_base64", at), "is not a string")
	}
	text, err := unquoted(raw)
	if err != nil {
		return syntaxError(err)
	}
	octets, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return refuse(ReasonBadData, place("/data_base64", at), "is not base64")
	}
	env.binary, env.data = true, octets
	return nil
}

// set takes one attribute; its name is known to be well formed. The error says
// what is wrong with the value.
func (env *envelope) set(name []byte, v value) error {
	if v.kind == '"' {
		if err := attributeText(v.text); err != nil {
			return err
		}
	}
	switch string(name) {
	case "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema":
		if v.kind != '"' {
			return errors.New("is not a string")
		}
		if v.text == "" {
			return errors.New("is empty")
		}
		return env.setCore(name, v.text)
	}
	if env.extensions != nil {
		env.extensions[string(name)] = v.any()
	}
	switch string(name) {
	case "recordedtime":
		env.recordedTime = v
	case "sequence":
		env.sequence = v
	case "traceparent":
		env.traceParent = v
	}
	return nil
}

func (env *envelope) setCore(name []byte, text string) (err error) {
	switch string(name) {
	case "specversion":
		if text != specVersion {
			return errors.New("is not \"" + specVersion + "\"")
		}
		env.versioned = true
	case "id":
		env.id = text
	case "type":
		env.typ = text
	case "subject":
		env.subject = text
	case "source":
		if !plainURI(text) {
			_, err = uriReference(text)
		}
		env.source = text
	case "dataschema":
		_, err = absoluteURI(text)
		env.dataSchema = text
	case "datacontenttype":
		err = mediaType(text)
		env.dataContentType = text
	case "time":
		env.time, err = parseTime([]byte(text))
	}
	return err
}

func (v value) any() any {
	switch v.kind {
	case 't':
		return true
	case 'f':
		return false
	case '0':
		return v.num
	}
	return v.text
}

// complete reports the first required attribute that is missing.
func (env *envelope) complete() *DecodeError {
	missing := ""
	switch {
	case !env.versioned:
		missing = "specversion"
	case env.id == "":
		missing = "id"
	case env.source == "":
		missing = "source"
	case env.typ == "":
		missing = "type"
	default:
		return nil
	}
	return refuse(ReasonBadAttribute, "/"+missing, "is required")
}
