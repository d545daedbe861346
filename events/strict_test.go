package events_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

const (
	head = `"specversion":"1.0","id":"1","source":"vault://prod","subject":"alice","time":"2026-03-01T09:00:00Z"`
	used = `{` + head + `,"type":"dev.overstay.access.used","data":`
	ref  = `"access":{"kind":"lease","id":"l"}`
)

// Each line is one thing that is wrong, and what a person is told about it.
func TestDecodeRefuses(t *testing.T) {
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for _, c := range []struct{ name, body, reason, where string }{
		{"nothing", ``, events.ReasonBadJSON, "byte 0"},
		{"blank", "  \n", events.ReasonBadJSON, "byte"},
		{"an array", `[]`, events.ReasonBadJSON, ""},
		{"a string", `"event"`, events.ReasonBadJSON, ""},
		{"cut off", used + `{` + ref, events.ReasonBadJSON, "/data"},
		{"no colon", `{"id" "1"}`, events.ReasonBadJSON, "/id"},
		{"single quotes", `{'id':'1'}`, events.ReasonBadJSON, "byte 1"},
		{"byte order mark", "\ufeff" + used + `{` + ref + `}}`, events.ReasonBadJSON, "byte 0"},
		{"lone surrogate", used + `{` + ref + `,"operationId":"\ud800"}}`, events.ReasonBadJSON, "/data/operationId"},
		{"too large", used + `{` + ref + `}}` + strings.Repeat(" ", events.MaxBody), events.ReasonTooLarge, ""},
		{"too deep", used + deep + `}`, events.ReasonTooDeep, "byte"},
		{"too deep in an extension", `{"x":` + deep + `,` + head + `}`, events.ReasonTooDeep, "byte"},
		{"not UTF-8", used + `{` + ref + `,"operationId":"` + "\xff" + `"}}`, events.ReasonNotUTF8, fmt.Sprintf("byte %d", len(used+`{`+ref+`,"operationId":"`))},
		{"two ids", `{"id":"0",` + head + `,"type":"dev.overstay.access.used","data":{` + ref + `}}`, events.ReasonDuplicateKey, "/id"},
		{"two ids, one escaped", `{"\u0069d":"0",` + head + `}`, events.ReasonDuplicateKey, "/id"},
		{"a name twice in data", used + `{` + ref + `,"access":{"kind":"lease","id":"m"}}}`, events.ReasonDuplicateKey, "/data/access"},
		{"two events", used + `{` + ref + `}}{}`, events.ReasonTrailingData, "byte"},

		{"no specversion", `{"id":"1","source":"s","type":"t"}`, events.ReasonBadAttribute, "/specversion"},
		{"no id", `{"specversion":"1.0","source":"s","type":"t"}`, events.ReasonBadAttribute, "/id"},
		{"null id", `{"specversion":"1.0","id":null,"source":"s","type":"t"}`, events.ReasonBadAttribute, "/id"},
		{"long id", `{"specversion":"1.0","id":"` + strings.Repeat("x", events.MaxText+1) + `"}`, events.ReasonBadAttribute, "/id"},
		{"control character", `{"specversion":"1.0","id":"a\u0000b"}`, events.ReasonBadAttribute, "/id"},
		{"noncharacter", `{"specversion":"1.0","id":"a\uffff"}`, events.ReasonBadAttribute, "/id"},
		{"source with a space", `{"source":"vault prod"}`, events.ReasonBadAttribute, "/source"},
		{"source spelt otherwise", strings.Replace(used, "vault:", "VAULT:", 1) + `{` + ref + `}}`, events.ReasonBadAttribute, "/source"},
		{"relative dataschema", `{"dataschema":"lease.json"}`, events.ReasonBadAttribute, "/dataschema"},
		{"underscore in an extension", `{"my_ext":"x"}`, events.ReasonBadAttribute, "/my_ext"},
		{"fraction in an extension", `{"ext":1.5}`, events.ReasonBadAttribute, "/ext"},
		{"64-bit extension", `{"ext":2147483648}`, events.ReasonBadAttribute, "/ext"},
		{"object as an extension", `{"ext":{}}`, events.ReasonBadAttribute, "/ext"},
		{"time without a zone", `{"time":"2026-03-01T09:00:00"}`, events.ReasonBadAttribute, "/time"},
		{"time with a comma", `{"time":"2026-03-01T09:00:00,5Z"}`, events.ReasonBadAttribute, "/time"},
		{"time with a one-digit hour", `{"time":"2026-03-01T9:00:00Z"}`, events.ReasonBadAttribute, "/time"},
		{"time with a point and no digits", `{"time":"2026-03-01T09:00:00.Z"}`, events.ReasonBadAttribute, "/time"},
		{"zone out of range", `{"time":"2026-03-01T09:00:00+01:99"}`, events.ReasonBadAttribute, "/time"},
		{"30 February", `{"time":"2026-02-30T09:00:00Z"}`, events.ReasonBadAttribute, "/time"},
		{"no time", `{"specversion":"1.0","id":"1","source":"s","type":"dev.overstay.access.used","data":{` + ref + `}}`, events.ReasonBadAttribute, "/time"},
		{"Windows' zero time", strings.Replace(used, "2026", "1601", 1) + `{` + ref + `}}`, events.ReasonBadAttribute, "/time"},
		{"Go's zero time", strings.Replace(used, "2026-03-01T09", "0001-01-01T00", 1) + `{` + ref + `}}`, events.ReasonBadAttribute, "/time"},
		{"never as a time", strings.Replace(used, "2026", "9999", 1) + `{` + ref + `}}`, events.ReasonBadAttribute, "/time"},
		{"absurd recordedtime", `{"recordedtime":"9999-01-01T00:00:00Z",` + used[1:] + `{` + ref + `}}`, events.ReasonBadAttribute, "/recordedtime"},
		{"number as recordedtime", `{"recordedtime":1,` + used[1:] + `{` + ref + `}}`, events.ReasonBadAttribute, "/recordedtime"},
		{"sequence without an epoch", `{"sequence":"17",` + used[1:] + `{` + ref + `}}`, events.ReasonBadAttribute, "/sequence"},
		{"counter 0", `{"sequence":"1.0",` + used[1:] + `{` + ref + `}}`, events.ReasonBadAttribute, "/sequence"},
		{"traceparent of no trace", `{"traceparent":"00-0-0-00",` + used[1:] + `{` + ref + `}}`, events.ReasonBadAttribute, "/traceparent"},
		{"XML", `{"datacontenttype":"application/xml",` + used[1:] + `"<x/>"}`, events.ReasonBadAttribute, "/datacontenttype"},
		{"Latin-1", `{"datacontenttype":"application/json; charset=latin1",` + used[1:] + `{` + ref + `}}`, events.ReasonBadAttribute, "/datacontenttype"},
		{"subject that is only a realm", strings.Replace(used, "alice", "vault:", 1) + `{` + ref + `}}`, events.ReasonBadAttribute, "/subject"},

		{"somebody else's type", `{` + head + `,"type":"com.example.thing"}`, events.ReasonUnknownType, "/type"},
		{"our prefix, no such type", `{` + head + `,"type":"dev.overstay.lease.Issued"}`, events.ReasonUnknownType, "/type"},

		{"no data", `{` + head + `,"type":"dev.overstay.access.used"}`, events.ReasonBadData, "/data"},
		{"data and data_base64", used + `{` + ref + `},"data_base64":"e30="}`, events.ReasonBadData, "/data_base64"},
		{"bad base64", `{` + head + `,"type":"dev.overstay.access.used","data_base64":"e30"}`, events.ReasonBadData, "/data_base64"},
		{"data is a list", used + `[]}`, events.ReasonBadData, "/data"},
		{"unknown member", used + `{` + ref + `,"lease":1}}`, events.ReasonBadData, "/data/lease"},
		{"wrong case", used + `{"Access":{"kind":"lease","id":"l"}}}`, events.ReasonBadData, "/data/Access"},
		{"null in data", used + `{` + ref + `,"workload":null}}`, events.ReasonBadData, "byte"},
		{"number for a string", used + `{"access":{"kind":"lease","id":7}}}`, events.ReasonBadData, "/data/access/id"},
		{"word for a boolean", used + `{` + ref + `,"interactive":"yes"}}`, events.ReasonBadData, "/data/interactive"},
		{"unknown kind", used + `{"access":{"kind":"door","id":"l"}}}`, events.ReasonBadData, "/data/access/kind"},
		{"missing access", used + `{}}`, events.ReasonBadData, "/data/access/kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ev, err := events.Decode([]byte(c.body))
			var d *events.DecodeError
			if !errors.As(err, &d) {
				t.Fatalf("decoded as %+v, %v", ev, err)
			}
			if d.Reason != c.reason || !strings.HasPrefix(d.Where, c.where) || (c.where == "" && d.Where != "") {
				t.Errorf("got %q at %q (%v), want %q at %q", d.Reason, d.Where, err, c.reason, c.where)
			}
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// An error is read by many and a source record may hold a token.
func TestErrorsDoNotRepeatValues(t *testing.T) {
	const secret = "hvs.CAESIJ"
	for _, body := range []string{
		used + `{` + ref + `,"interactive":"` + secret + `"}}`,
		used + `{"access":"` + secret + `"}}`,
		used + `"` + secret + `"}`,
		`{"recordedtime":"` + secret + `",` + used[1:] + `{` + ref + `}}`,
		`{"traceparent":"` + secret + `",` + used[1:] + `{` + ref + `}}`,
		`{"datacontenttype":"` + secret + `",` + used[1:] + `{` + ref + `}}`,
		`{"dataschema":"` + secret + `",` + used[1:] + `{` + ref + `}}`,
		`{` + head + `,"type":"dev.overstay.source.progress","data":{"through":"` + secret + `","basis":"position"}}`,
		`{` + head + `,"type":"dev.overstay.source.progress","data":{"through":"2026-03-01T09:00:00Z","sequence":"` + secret + `","basis":"position"}}`,
	} {
		_, err := events.Decode([]byte(body))
		if err == nil {
			t.Errorf("decoded %s", body)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats the value: %v", err)
		}
	}
}

// What is refused is told all at once where the form allows it.
func TestDecodeReportsEveryFieldFault(t *testing.T) {
	_, err := events.Decode([]byte(`{` + head + `,"type":"dev.overstay.lease.issued","data":{"leaseId":"","rawSha256":"x","scope":{"system":""}}}`))
	var invalid *events.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Fields) != 3 {
		t.Fatalf("got %v", err)
	}
}

func TestDecodeAccepts(t *testing.T) {
	for name, body := range map[string]string{
		"white space around":        " \r\n\t" + used + `{` + ref + `}} ` + "\n",
		"data as base64":            `{` + head + `,"type":"dev.overstay.access.used","data_base64":"eyJhY2Nlc3MiOnsia2luZCI6ImxlYXNlIiwiaWQiOiJsIn19"}`,
		"escaped names":             `{"\u0074ype":"dev.overstay.access.used",` + head + `,"data":{"\u0061ccess":{"kind":"lease","id":"l"}}}`,
		"unknown extensions":        `{"partitionkey":"p","severitynumber":9,"sampled":true,"nothing":null,` + used[1:] + `{` + ref + `}}`,
		"null optional attributes":  `{"dataschema":null,"datacontenttype":null,` + used[1:] + `{` + ref + `}}`,
		"a JSON type with a suffix": `{"datacontenttype":"application/vnd.overstay+json; charset=utf-8",` + used[1:] + `{` + ref + `}}`,
	} {
		ev, err := events.Decode([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if u, ok := ev.Data.(*events.Use); !ok || u.Access.ID != "l" {
			t.Errorf("%s: got %+v", name, ev.Data)
		}
	}
}
