package events_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/overstay/overstay/events"
)

// Any CloudEvent is read into the SDK's model as it was written.
func TestDecodeCloudEvent(t *testing.T) {
	ce, err := events.DecodeCloudEvent([]byte(`{"specversion":"1.0","id":" 1 ","source":"//authority/path?q#f","type":"com.example.t",
		"subject":"s","time":"2018-04-05T18:31:00.5+01:00","datacontenttype":"text/plain; charset=utf-8",
		"dataschema":"urn:x:y","data":"line\nline","extint":-7,"extbool":false,"extstr":"","sequence":"not ours"}`))
	if err != nil {
		t.Fatal(err)
	}
	if ce.ID() != " 1 " || ce.Source() != "//authority/path?q#f" || ce.Subject() != "s" || ce.DataSchema() != "urn:x:y" ||
		!ce.Time().Equal(time.Date(2018, 4, 5, 17, 31, 0, 5e8, time.UTC)) || string(ce.Data()) != "line\nline" || ce.DataBase64 {
		t.Errorf("got %v", ce)
	}
	want := map[string]any{"extint": int32(-7), "extbool": false, "extstr": "", "sequence": "not ours"}
	if !reflect.DeepEqual(ce.Extensions(), want) {
		t.Errorf("extensions %#v", ce.Extensions())
	}
}

func TestDecodeCloudEventData(t *testing.T) {
	const attributes = `{"specversion":"1.0","id":"1","source":"s","type":"t"`
	for _, c := range []struct {
		rest, data string
		binary     bool
		reason     string
	}{
		{rest: `}`},
		{rest: `,"data":null}`},
		{rest: `,"data":"text"}`, data: `"text"`},
		{rest: `,"data":[1, 2]}`, data: `[1, 2]`},
		{rest: `,"data":{},"datacontenttype":"application/x+json"}`, data: `{}`},
		{rest: `,"data_base64":"TWE="}`, data: "Ma", binary: true},
		{rest: `,"data":{},"datacontenttype":"text/xml"}`, reason: events.ReasonBadData},
		{rest: `,"data_base64":7}`, reason: events.ReasonBadData},
		{rest: `,"data":1,"data_base64":"TWE="}`, reason: events.ReasonBadData},
		{rest: `,"data":{"a":1,"a":2}}`, reason: events.ReasonDuplicateKey},
	} {
		ce, err := events.DecodeCloudEvent([]byte(attributes + c.rest))
		if reasonOf(err) != c.reason {
			t.Errorf("%s: %v, want %q", c.rest, err, c.reason)
			continue
		}
		if err == nil && (string(ce.Data()) != c.data || ce.DataBase64 != c.binary) {
			t.Errorf("%s: data %q, base64 %v", c.rest, ce.Data(), ce.DataBase64)
		}
	}
}

func TestFromCloudEventRefuses(t *testing.T) {
	good := func() event.Event {
		ce, err := mustDecode(t, []byte(leaseIssued)).CloudEvent()
		if err != nil {
			t.Fatal(err)
		}
		return ce
	}
	for _, c := range []struct {
		name   string
		change func(*event.Event)
		reason string
	}{
		{"nothing in it", func(ce *event.Event) { *ce = event.Event{} }, events.ReasonBadAttribute},
		{"an old version", func(ce *event.Event) { *ce = event.New(event.CloudEventsVersionV03) }, events.ReasonBadAttribute},
		{"no id", func(ce *event.Event) { ce.SetID("") }, events.ReasonBadAttribute},
		{"another type", func(ce *event.Event) { ce.SetType("com.example") }, events.ReasonUnknownType},
		{"no data", func(ce *event.Event) { ce.DataEncoded = nil }, events.ReasonBadData},
		{"a name twice in data", func(ce *event.Event) { ce.DataEncoded = []byte(`{"leaseId":"1","leaseId":"2"}`) }, events.ReasonDuplicateKey},
		{"XML", func(ce *event.Event) { ce.SetDataContentType("application/xml") }, events.ReasonBadAttribute},
		{"a sequence that is a number", func(ce *event.Event) { ce.SetExtension("sequence", 7) }, events.ReasonBadAttribute},
	} {
		ce := good()
		c.change(&ce)
		if ev, err := events.FromCloudEvent(ce); reasonOf(err) != c.reason {
			t.Errorf("%s: %+v, %v; want %q", c.name, ev, err, c.reason)
		}
	}
}

func TestCloudEventOfAnInvalidEvent(t *testing.T) {
	if ce, err := (events.Event{ID: "1"}).CloudEvent(); err == nil {
		t.Errorf("made %v", ce)
	}
}
