package events_test

import (
	"maps"
	"reflect"
	"testing"

	"github.com/overstay/overstay/events"
)

// natsHeader is a binary message as the binding has it; NATS keeps the case of
// header names as they were sent.
func natsHeader() map[string][]string {
	return map[string][]string{
		"ce-specversion":     {"1.0"},
		"Ce-Id":              {"audit/7f3a"},
		"CE-Source":          {"vault://prod"},
		"ce-type":            {"dev.overstay.access.used"},
		"ce-subject":         {"ldap/corp/uid:J%C3%BCrgen%20%22J%22"},
		"ce-time":            {"2026-03-01T09:00:00Z"},
		"ce-datacontenttype": {"application/json"},
		"Nats-Msg-Id":        {"x"},
	}
}

func TestNATSBinary(t *testing.T) {
	ev, err := events.DecodeNATS(natsHeader(), []byte(useData))
	if err != nil {
		t.Fatal(err)
	}
	if ev.Subject != `ldap/corp/uid:Jürgen "J"` || ev.ID != "audit/7f3a" || ev.Source != "vault://prod" {
		t.Errorf("got %+v", ev)
	}
}

func TestNATSStructured(t *testing.T) {
	want := mustDecode(t, []byte(leaseIssued))
	for _, header := range []map[string][]string{
		{"Content-Type": {events.ContentTypeEvent}},
		{"content-type": {"application/cloudevents"}},
		{"Content-Type": {"application/cloudevents+json"}, "ce-id": {"a copy for filters, which does not count"}},
	} {
		if ev, err := events.DecodeNATS(header, []byte(leaseIssued)); err != nil || !reflect.DeepEqual(ev, want) {
			t.Errorf("%v: %+v, %v", header, ev, err)
		}
	}
}

func TestNATSRefuses(t *testing.T) {
	with := func(name string, values ...string) map[string][]string {
		h := maps.Clone(natsHeader())
		h[name] = values
		return h
	}
	for _, c := range []struct {
		name   string
		header map[string][]string
		body   string
		reason string
	}{
		{"an event with no headers", nil, leaseIssued, events.ReasonContentType},
		{"an event as plain JSON", map[string][]string{"Content-Type": {"application/json"}}, leaseIssued, events.ReasonContentType},
		{"a batch", map[string][]string{"Content-Type": {events.ContentTypeBatch}}, "[]", events.ReasonContentType},
		{"an id in two cases", with("CE-ID", "another"), useData, events.ReasonDuplicateKey},
		{"a header twice", with("ce-type", "a", "b"), useData, events.ReasonDuplicateKey},
		{"two content types", with("Content-Type", "text/plain"), useData, events.ReasonBadAttribute},
		{"a quoted string, which only HTTP has", with("ce-time", `"2026-03-01T09:00:00Z"`), useData, events.ReasonBadAttribute},
		{"a lone percent", with("ce-subject", "100%"), useData, events.ReasonBadAttribute},
		{"not JSON", with("ce-datacontenttype", "text/plain"), useData, events.ReasonBadAttribute},
		{"structured with a bad body", map[string][]string{"Content-Type": {events.ContentTypeEvent}}, "{", events.ReasonBadJSON},
	} {
		t.Run(c.name, func(t *testing.T) {
			if ev, err := events.DecodeNATS(c.header, []byte(c.body)); reasonOf(err) != c.reason {
				t.Errorf("got %+v, %v; want %q", ev, err, c.reason)
			}
		})
	}
}
