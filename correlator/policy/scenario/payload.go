package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// readEvent reads SOURCE TYPE [SUBJECT] and the data behind it.
func (l *loader) readEvent(step *Step, t time.Time, words []string, at strictyaml.Value, value *strictyaml.Value) {
	typ := events.Type(events.Prefix + words[1])
	if known := typeWords(); !slices.Contains(known, words[1]) {
		at.Report(strictyaml.DidYouMean(words[1], known), "%q is no type of event that can be said here", words[1])
		return
	}
	l.said++
	ev := cloudEvent{ID: fmt.Sprintf("e%d", l.said), Type: typ, Subject: strings.Join(words[2:], " "), Time: t, Data: map[string]any{}}
	ev.Source, ev.Sequence = cutNumber(words[0])
	place := payloadPlace{at: at}
	if value != nil {
		p := payload{l: l, at: t, ok: true}
		ev.Data = p.read(*value, reflect.TypeOf(events.NewData(typ)))
		place.data = value
		if !p.ok {
			return
		}
	}
	var err error
	if step.event, err = ev.decode(); err != nil {
		place.report(err)
	}
}

// cloudEvent is an event as a connector sends it. It goes through the codec that
// reads what connectors send.
type cloudEvent struct {
	SpecVersion string      `json:"specversion"`
	ID          string      `json:"id"`
	Source      string      `json:"source"`
	Type        events.Type `json:"type"`
	Subject     string      `json:"subject,omitempty"`
	Time        time.Time   `json:"time"`
	Sequence    string      `json:"sequence,omitempty"`
	Data        any         `json:"data"`
}

func (c cloudEvent) decode() (events.Event, error) {
	c.SpecVersion = "1.0"
	body, err := json.Marshal(c)
	if err != nil {
		return events.Event{}, fmt.Errorf("write the event as JSON: %w", err)
	}
	return events.Decode(body)
}

var numbered = regexp.MustCompile(`^(.+)#(?:(\d{1,9})\.)?(\d{1,9})$`)

// cutNumber cuts the number that a connector gave to an event off its source:
// "vault://prod#3", and "vault://prod#2.1" in its second epoch.
func cutNumber(word string) (source, sequence string) {
	m := numbered.FindStringSubmatch(word)
	if m == nil {
		return word, ""
	}
	if m[2] == "" {
		m[2] = "1"
	}
	return m[1], m[2] + "." + m[3]
}

// payload turns YAML into the JSON of a payload. The types say which strings are
// times, which may then be written as everywhere in a scenario; what a type does
// not have is reported at its place.
type payload struct {
	l  *loader
	at time.Time // offsets count from it
	ok bool
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[events.Duration]()
)

func (p *payload) read(v strictyaml.Value, t reflect.Type) any {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	text := t != nil && t.Kind() == reflect.String
	switch {
	case text && (v.IsMapping() || v.IsList()):
		p.fail(v, "put a string that contains a colon in quotes", "is not a string")
		return nil
	case v.IsMapping():
		return p.object(v, t)
	case v.IsList():
		var element reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			element = t.Elem()
		}
		out := []any{}
		for _, e := range v.Elements() {
			out = append(out, p.read(e, element))
		}
		return out
	}
	plain, ok := v.Plain()
	if !ok {
		p.ok = false
		return nil
	}
	said, isText := plain.(string)
	if t == timeType && isText {
		at, err := moment(said, p.l.day, p.at)
		if err != nil {
			p.fail(v, timeHint, "is %q, which %v", said, err)
		}
		return at.Format(time.RFC3339Nano)
	}
	if !isText && (text || t == durationType) {
		p.fail(v, fmt.Sprintf(`put it in quotes: "%v"`, plain), "is %v, not a string", plain)
	}
	return plain
}

func (p *payload) object(v strictyaml.Value, t reflect.Type) any {
	members, known := membersOf(t)
	out := map[string]any{}
	v.Entries(func(name string, key, value strictyaml.Value) {
		member, ok := members[name]
		if !ok && t != nil && t.Kind() == reflect.Map {
			member, ok = t.Elem(), true
		}
		if !ok && known != nil {
			p.fail(key, strictyaml.DidYouMean(name, known), "is not a known key")
			return
		}
		out[name] = p.read(value, member)
	})
	return out
}

// membersOf are the members of a struct by their names in JSON; known is nil for
// a type that is none.
func membersOf(t reflect.Type) (members map[string]reflect.Type, known []string) {
	if t == nil || t.Kind() != reflect.Struct || t == timeType {
		return nil, nil
	}
	members, known = map[string]reflect.Type{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		members[name] = f.Type
		known = append(known, name)
	}
	return members, known
}

func (p *payload) fail(v strictyaml.Value, hint, format string, args ...any) {
	p.ok = false
	v.Report(hint, format, args...)
}

// payloadPlace finds where in the scenario the codec's complaint belongs.
type payloadPlace struct {
	at   strictyaml.Value  // the sentence
	data *strictyaml.Value // nil for none
	// above is what stands above the data in the event and not in the scenario.
	above string
}

func (p payloadPlace) report(err error) {
	var invalid *events.InvalidError
	var refused *events.DecodeError
	switch {
	case errors.As(err, &invalid):
		for _, f := range invalid.Fields {
			where := p.find(strings.FieldsFunc(strings.TrimPrefix(f.Field, p.above), func(r rune) bool { return strings.ContainsRune(".[]", r) }))
			where.Report("", "%s %s", f.Field, f.Reason)
		}
	case errors.As(err, &refused):
		pointer, _, _ := strings.Cut(refused.Where, " ")
		below := strings.TrimPrefix(pointer, "/data")
		where := p.find(strings.FieldsFunc(below, func(r rune) bool { return r == '/' }))
		where.Report("", "%s: %v", strings.TrimPrefix(pointer, "/"), refused.Err)
	default:
		p.at.Report("", "%v", err)
	}
}

// find follows the parts of a path as far as they are written.
func (p payloadPlace) find(parts []string) strictyaml.Value {
	if p.data == nil {
		return p.at
	}
	v, found := *p.data, p.at
	for _, part := range parts {
		if i, err := strconv.Atoi(part); err == nil && v.IsList() && i >= 0 && i < len(v.Elements()) {
			v = v.Elements()[i]
		} else if below, ok := v.Key(part); ok {
			v = below
		} else {
			return found
		}
		found = v
	}
	return found
}
