package events

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads one structured CloudEvent of the vocabulary. It is strict,
// because what it lets pass decides alerts: besides the rules of CloudEvents 1.0
// and of each payload ([Event.Validate]) it refuses a name that occurs twice, a
// member of data that the type does not have (names are compared with case), a
// null inside data, anything behind the event, and the sizes and depths of the
// limits above. Extensions that it does not know are checked for their form and
// dropped. The error is a [*DecodeError].
func Decode(body []byte) (Event, error) {
	env, derr := readEnvelope(body, false)
	if derr != nil {
		return Event{}, derr
	}
	ev, derr := env.event()
	if derr != nil {
		return Event{}, derr
	}
	return ev, nil
}

// event makes the envelope an event of the vocabulary.
func (env *envelope) event() (Event, *DecodeError) {
	ev := Event{ID: env.id, Source: env.source, Type: Type(env.typ), Subject: ID(env.subject), Time: env.time}
	ev.Data = NewData(ev.Type)
	if ev.Data == nil {
		return Event{}, refuse(ReasonUnknownType, "/type", "%.100q is not in the vocabulary", env.typ)
	}
	if err := env.readExtensions(&ev); err != nil {
		return Event{}, err
	}
	if err := env.readData(ev.Data); err != nil {
		return Event{}, err
	}
	var c checker
	ev.checkAttributes(&c)
	attributes := len(c.errs)
	ev.Data.validate(&c, ev.Type)
	switch {
	case attributes > 0:
		return Event{}, &DecodeError{ReasonBadAttribute, "/" + c.errs[0].Field, c.err()}
	case len(c.errs) > 0:
		return Event{}, &DecodeError{ReasonBadData, dataPointer(c.errs[0].Field), c.err()}
	}
	return ev, nil
}

// dataPointer turns a field's path, "approvals[0].id", into a JSON pointer.
func dataPointer(field string) string {
	return "/data/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(field)
}

func (env *envelope) readExtensions(ev *Event) *DecodeError {
	read := func(name string, v value, parse func(string) error) *DecodeError {
		if v.kind == 0 {
			return nil
		}
		if v.kind != '"' {
			return refuse(ReasonBadAttribute, "/"+name, "is not a string")
		}
		if err := parse(v.text); err != nil {
			return &DecodeError{ReasonBadAttribute, "/" + name, err}
		}
		return nil
	}
	if err := read("recordedtime", env.recordedTime, func(s string) (err error) {
		ev.Recorded, err = parseTime([]byte(s))
		return err
	}); err != nil {
		return err
	}
	if err := read("sequence", env.sequence, func(s string) (err error) {
		ev.Sequence, err = ParseSequence(s)
		return err
	}); err != nil {
		return err
	}
	return read("traceparent", env.traceParent, func(s string) error {
		ev.TraceParent = s
		return checkTraceParent(s)
	})
}

func (env *envelope) readData(into Data) *DecodeError {
	switch {
	case !isJSONType(env.dataContentType):
		return refuse(ReasonBadAttribute, "/datacontenttype", "is not JSON in UTF-8, which all our data is")
	case !env.hasData:
		return refuse(ReasonBadData, "/data", "is missing")
	case len(env.data) > MaxBody:
		return refuse(ReasonTooLarge, "/data", "has %d bytes, more than %d", len(env.data), MaxBody)
	}
	if env.binary {
		if err := checkOctets(env.data); err != nil {
			err.Where = "/data " + err.Where
			return err
		}
	}
	if err := json.Unmarshal(env.data, into, unmarshalOptions); err != nil {
		return dataError(err, env.dataAt)
	}
	return nil
}

// checkOctets makes the checks that data in a structured event has had when the
// event was read.
func checkOctets(data []byte) *DecodeError {
	if err := guard(data, 1); err != nil {
		return err
	}
	dec := newReader(data)
	defer dec.free()
	if _, err := dec.ReadValue(); err != nil {
		return syntaxError(err)
	}
	return nothingBehind(data, dec.InputOffset())
}

// unmarshalOptions: names are compared with case by default. That no name occurs
// twice and that the text is UTF-8 was found when the event was read, and is not
// looked for again.
var unmarshalOptions = json.JoinOptions(
	json.RejectUnknownMembers(true),
	jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true),
	json.WithUnmarshalers(json.UnmarshalFromFunc(unmarshalTime)),
)

func unmarshalTime(dec *jsontext.Decoder, t *time.Time) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() != '"' {
		return errors.New("is not a time in a string")
	}
	text, err := unquoted(v)
	if err != nil {
		return err
	}
	*t, err = parseTime(text)
	return err
}

// dataError says what is wrong in data without repeating the value, which the
// JSON package's own text would do.
func dataError(err error, at int64) *DecodeError {
	var sem *json.SemanticError
	if !errors.As(err, &sem) {
		return syntaxError(err) // cannot be: the text has been read as JSON before
	}
	d := &DecodeError{Reason: ReasonBadData, Where: place("/data"+sem.JSONPointer, at+sem.ByteOffset)}
	switch {
	case errors.Is(sem.Err, json.ErrUnknownName):
		d.Err = errors.New("this type's data has no such member (names are compared with case)")
	case errors.Is(sem.Err, strconv.ErrRange), errors.Is(sem.Err, strconv.ErrSyntax), sem.Err == nil:
		d.Err = fmt.Errorf("is not %s", wanted(sem.GoType))
	default:
		d.Err = sem.Err
	}
	return d
}

// wanted names the JSON that a Go type is read from.
func wanted(t reflect.Type) string {
	if t == nil {
		return "what this member holds"
	}
	if t == reflect.TypeFor[Duration]() {
		return "a duration such as \"90s\""
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "an integer"
	case reflect.Uint64:
		return "an integer of 0 or more"
	case reflect.Slice:
		return "an array"
	}
	return "an object"
}
