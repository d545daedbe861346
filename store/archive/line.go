package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/store/eventlog"
)

// line is a message as it stands in an archive.
type line struct {
	Log     uint64              `json:"log,omitzero"`
	Alert   uint64              `json:"alert,omitzero"`
	Time    time.Time           `json:"time"`
	Subject string              `json:"subject"`
	Header  map[string][]string `json:"header,omitempty"`
	Event   jsontext.Value      `json:"event,omitzero"`
	Body    []byte              `json:"body,omitempty"`
}

// record is one of the state's.
type record struct {
	State []byte `json:"state"`
	Value []byte `json:"value"`
}

var (
	writing = jsonv2.JoinOptions(jsonv2.Deterministic(true), jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
	reading = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsonv2.RejectUnknownMembers(true))
)

// AppendMessage appends the line that a message of the log has in an archive: what
// [Sum.LogSHA256] is made over.
func AppendMessage(to []byte, m eventlog.Message) ([]byte, error) { return appendLine(to, kindLog, m) }

// appendLine appends a message's line and checks that it reads as the same.
func appendLine(to []byte, kind byte, m eventlog.Message) ([]byte, error) {
	l := line{Time: m.Time.UTC(), Subject: m.Subject, Header: m.Header}
	if kind == kindLog {
		l.Log = m.Position
	} else {
		l.Alert = m.Position
	}
	if asEvent(m.Body) {
		l.Event = m.Body
	} else {
		l.Body = m.Body
	}
	text, err := jsonv2.Marshal(l, writing)
	if err != nil {
		return to, fmt.Errorf("write the message at %d: %w", m.Position, err)
	}
	return append(append(to, text...), '\n'), nil
}

// asEvent reports whether a body can stand in a line as it is: JSON without spaces
// around it or line breaks in it.
func asEvent(body []byte) bool {
	if len(body) < 2 || body[0] != '{' || body[len(body)-1] != '}' {
		return false
	}
	for _, c := range body {
		if c < ' ' {
			return false
		}
	}
	return jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true))
}

func readLine(text []byte, kind byte) (eventlog.Message, error) {
	var l line
	if err := jsonv2.Unmarshal(text, &l, reading); err != nil {
		return eventlog.Message{}, fmt.Errorf("a line is unreadable: %w", err)
	}
	m := eventlog.Message{Position: l.Log, Subject: l.Subject, Header: l.Header, Body: l.Body, Time: l.Time}
	if kind == kindAlerts {
		m.Position = l.Alert
	}
	if l.Event != nil {
		m.Body = l.Event
	}
	if m.Position == 0 {
		return m, errors.New("a line has no position")
	}
	return m, nil
}

func appendJSON(to []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return to, fmt.Errorf("write a line of an archive: %w", err)
	}
	return append(append(to, text...), '\n'), nil
}
