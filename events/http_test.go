package events_test

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

func reasonOf(err error) string {
	var d *events.DecodeError
	if errors.As(err, &d) {
		return d.Reason
	}
	return ""
}

func binaryHeader() http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("ce-specversion", "1.0")
	h.Set("ce-id", "audit/7f3a")
	h.Set("ce-source", "vault://prod")
	h.Set("ce-type", "dev.overstay.access.used")
	h.Set("ce-subject", "ldap/corp/uid:J%C3%BCrgen%20%22J%22")
	h.Set("ce-time", "2026-03-01T09:00:00Z")
	h.Set("ce-sequence", "1.2")
	h.Set("ce-partitionkey", "p")
	h.Set("User-Agent", "curl")
	return h
}

const useData = `{"access":{"kind":"lease","id":"l"}}`

func TestHTTPForms(t *testing.T) {
	want := mustDecode(t, []byte(leaseIssued))
	batch := `[` + leaseIssued + `,` + leaseIssued + `]`
	for _, c := range []struct {
		contentType, body string
		events            int
	}{
		{"application/cloudevents+json", leaseIssued, 1},
		{"application/cloudevents", leaseIssued, 1},
		{"Application/CloudEvents+JSON; charset=\"utf-8\"", leaseIssued, 1},
		{"application/cloudevents-batch+json; charset=UTF-8", batch, 2},
		{"application/cloudevents-batch+json", " [ ] ", 0},
	} {
		items, err := events.DecodeHTTP(http.Header{"Content-Type": {c.contentType}}, []byte(c.body))
		if err != nil || len(items) != c.events {
			t.Errorf("%s: %d items, %v", c.contentType, len(items), err)
		}
		for i, item := range items {
			if item.Index != i || item.Err != nil || !reflect.DeepEqual(item.Event, want) {
				t.Errorf("%s: item %d is %+v", c.contentType, i, item)
			}
		}
	}
}

func TestHTTPBinary(t *testing.T) {
	items, err := events.DecodeHTTP(binaryHeader(), []byte(useData))
	if err != nil || len(items) != 1 || items[0].Err != nil {
		t.Fatal(items, err)
	}
	ev := items[0].Event
	if ev.Subject != `ldap/corp/uid:Jürgen "J"` || ev.Sequence != (events.Sequence{Epoch: 1, Counter: 2}) || ev.Data.(*events.Use).Access.ID != "l" {
		t.Errorf("got %+v", ev)
	}
	old := binaryHeader() // as producers wrote before version 1.0.1
	old.Set("ce-subject", `"ldap/corp/uid:\"%C3%BC\\"`)
	items, err = events.DecodeHTTP(old, []byte(useData))
	if err != nil || items[0].Err != nil || items[0].Event.Subject != `ldap/corp/uid:"ü\` {
		t.Errorf("quoted string: %+v, %v", items, err)
	}
}

// A good neighbour does not suffer: each event of a batch is judged by itself.
func TestHTTPBatchItems(t *testing.T) {
	twice := strings.Replace(leaseIssued, `"id":`, `"id":"x","id":`, 1)
	latin := strings.Replace(leaseIssued, "REQ-1", "R\xc9Q", 1)
	large := strings.Replace(leaseIssued, `"data"`, strings.Repeat(" ", events.MaxBody)+`"data"`, 1)
	deep := `{"a":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`
	body := `[` + strings.Join([]string{leaseIssued, twice, latin, large, deep, `7`, leaseIssued}, ",") + `]`
	items, err := events.DecodeHTTP(http.Header{"Content-Type": {events.ContentTypeBatch}}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"", events.ReasonDuplicateKey, events.ReasonNotUTF8, events.ReasonTooLarge, events.ReasonTooDeep, events.ReasonBadJSON, ""}
	for i, item := range items {
		if item.Index != i || reasonOf(item.Err) != want[i] {
			t.Errorf("item %d: %+v, want reason %q", i, item, want[i])
		}
	}
	if len(items) != len(want) {
		t.Errorf("%d items", len(items))
	}
}

func TestHTTPRefuses(t *testing.T) {
	batch := http.Header{"Content-Type": {events.ContentTypeBatch}}
	with := func(change func(http.Header)) http.Header {
		h := binaryHeader()
		change(h)
		return h
	}
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		reason string
	}{
		{"plain JSON", http.Header{"Content-Type": {"application/json"}}, leaseIssued, events.ReasonContentType},
		{"no header at all", nil, leaseIssued, events.ReasonContentType},
		{"Avro", http.Header{"Content-Type": {"application/cloudevents+avro"}}, "", events.ReasonContentType},
		{"UTF-16", http.Header{"Content-Type": {"application/cloudevents+json; charset=utf-16"}}, leaseIssued, events.ReasonContentType},
		{"malformed type", http.Header{"Content-Type": {"application/cloudevents+json; ="}}, leaseIssued, events.ReasonContentType},
		{"two types", http.Header{"Content-Type": {events.ContentTypeEvent, events.ContentTypeBatch}}, "[]", events.ReasonDuplicateKey},
		{"9 MiB", batch, "[" + strings.Repeat(" ", 9<<20) + "]", events.ReasonTooLarge},
		{"1001 events", batch, "[" + strings.Repeat("{},", 1000) + "{}]", events.ReasonTooMany},
		{"batch is an object", batch, "{}", events.ReasonBadJSON},
		{"batch is cut off", batch, "[" + leaseIssued + ",", events.ReasonBadJSON},
		{"batch has no comma", batch, "[{} {}]", events.ReasonBadJSON},
		{"two batches", batch, "[][]", events.ReasonTrailingData},
		{"batch only opens", batch, strings.Repeat("[", 1000), events.ReasonTooDeep},
		{"batch beyond the reader's depth", batch, strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), events.ReasonTooDeep},
		{"batch with an event that only opens", batch, "[" + leaseIssued + `,{"data":` + strings.Repeat("[", 99), events.ReasonTooDeep},
		{"batch is cut off before it gets deep", batch, "[{]," + strings.Repeat("[", 99), events.ReasonBadJSON},
		{"batch that is none, and deep", batch, `{"a":` + strings.Repeat("[", 99), events.ReasonTooDeep},
		{"binary: content type as an attribute", with(func(h http.Header) { h.Set("ce-datacontenttype", "application/json") }), useData, events.ReasonBadAttribute},
		{"binary: content type is no type", with(func(h http.Header) { h.Set("Content-Type", "json") }), useData, events.ReasonContentType},
	} {
		t.Run(c.name, func(t *testing.T) {
			items, err := events.DecodeHTTP(c.header, []byte(c.body))
			if reasonOf(err) != c.reason {
				t.Errorf("got %d items, %v; want %q", len(items), err, c.reason)
			}
		})
	}
}

func TestBinaryRefuses(t *testing.T) {
	for _, c := range []struct{ header, value, body, reason string }{
		{"ce-subject", "100%", useData, events.ReasonBadAttribute},
		{"ce-subject", "100%zz", useData, events.ReasonBadAttribute},
		{"ce-subject", "%FF", useData, events.ReasonNotUTF8},
		{"ce-subject", "%0A", useData, events.ReasonBadAttribute},
		{"ce-subject", "", useData, events.ReasonBadAttribute},
		{"ce-subject", `"open`, useData, events.ReasonBadAttribute},
		{"ce-subject", `"a"b"`, useData, events.ReasonBadAttribute},
		{"ce-subject", `"a\"`, useData, events.ReasonBadAttribute},
		{"ce-my-ext", "x", useData, events.ReasonBadAttribute},
		{"ce-data", "x", useData, events.ReasonBadAttribute},
		{"ce-", "x", useData, events.ReasonBadAttribute},
		{"ce-specversion", "0.3", useData, events.ReasonBadAttribute},
		{"ce-time", "yesterday", useData, events.ReasonBadAttribute},
		{"ce-type", "dev.overstay.access.misused", useData, events.ReasonUnknownType},
		{"Content-Type", "application/xml", useData, events.ReasonBadAttribute},
		{"ce-id", "1", "", events.ReasonBadData},
		{"ce-id", "1", "{", events.ReasonBadJSON},
		{"ce-id", "1", useData + useData, events.ReasonTrailingData},
		{"ce-id", "1", `{"access":{"kind":"lease","id":"l","id":"m"}}`, events.ReasonDuplicateKey},
		{"ce-id", "1", "\"\xff\"", events.ReasonNotUTF8},
		{"ce-id", "1", strings.Repeat("[", 99), events.ReasonTooDeep},
		{"ce-id", "1", strings.Repeat(" ", events.MaxBody) + useData, events.ReasonTooLarge},
		{"ce-id", "1", `{"access":null}`, events.ReasonBadData},
	} {
		h := binaryHeader()
		h.Set(c.header, c.value)
		items, err := events.DecodeHTTP(h, []byte(c.body))
		if err != nil || len(items) != 1 || reasonOf(items[0].Err) != c.reason {
			t.Errorf("%s: %q: %+v, %v; want %q", c.header, c.value, items, err, c.reason)
		}
	}
}
