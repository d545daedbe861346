package events_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/overstay/overstay/events"
)

// Whatever is read can be written and read again, and is the same. Whatever is
// refused is refused with a reason.

func FuzzDecode(f *testing.F) {
	f.Add([]byte(leaseIssued))
	for _, body := range seedBodies(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ev, err := events.Decode(body)
		checkDecoded(t, ev, err)
		if _, err := events.DecodeCloudEvent(body); ev.Data != nil && err != nil {
			t.Fatalf("Decode reads what DecodeCloudEvent refuses: %v", err)
		}
	})
}

func FuzzDecodeHTTP(f *testing.F) {
	f.Add(events.ContentTypeEvent, "", "", []byte(leaseIssued))
	f.Add(events.ContentTypeBatch, "", "", []byte("["+leaseIssued+",{}]"))
	f.Add("application/json", "a%20b", `"quo\"ted"`, []byte(useData))
	f.Fuzz(func(t *testing.T, contentType, id, subject string, body []byte) {
		header := binaryHeader()
		header.Set("Content-Type", contentType)
		header["Ce-Id"], header["Ce-Subject"] = []string{id}, []string{subject}
		items, err := events.DecodeHTTP(header, body)
		if err != nil {
			checkDecoded(t, events.Event{}, err)
		}
		for _, item := range items {
			checkDecoded(t, item.Event, item.Err)
		}
	})
}

func FuzzDecodeNATS(f *testing.F) {
	f.Add("Content-Type", events.ContentTypeEvent, "1", []byte(leaseIssued))
	f.Add("CE-Subject", "a%2Eb", "a%20b", []byte(useData))
	f.Add("ce-sequence", "1.1", "%C3%A9", []byte(useData))
	f.Fuzz(func(t *testing.T, name, value, id string, body []byte) {
		header := natsHeader()
		header["Ce-Id"], header[name] = []string{id}, []string{value}
		ev, err := events.DecodeNATS(header, body)
		checkDecoded(t, ev, err)
	})
}

func FuzzToken(f *testing.F) {
	for _, s := range []string{"", "%", "a.b", "vault://prod", "é *>", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkToken(t, s)
		checkSubject(t, events.SubjectOf(events.Event{Type: events.AccessUsed, Source: s}), 5)
		if text, err := events.UnescapeToken(s); err == nil && events.EscapeToken(text) != s {
			t.Fatalf("the tokens %q and %q both read as %q", s, events.EscapeToken(text), text)
		}
	})
}

func checkDecoded(t *testing.T, ev events.Event, err error) {
	t.Helper()
	if err != nil {
		var d *events.DecodeError
		if !errors.As(err, &d) || d.Reason == "" || d.Err == nil || ev.Data != nil {
			t.Fatalf("not an error with a reason: %v (with %+v)", err, ev)
		}
		return
	}
	body := mustEncodeOrTooLarge(t, ev)
	if body == nil {
		return
	}
	if err := againstSchema(t, ev.Type, body); err != nil {
		t.Fatalf("what is written does not fit its schema: %v\n%s", err, body)
	}
	again := mustDecode(t, body)
	if !reflect.DeepEqual(ev, again) {
		t.Fatalf("%s\nfirst  %+v %+v\nsecond %+v %+v", body, ev, ev.Data, again, again.Data)
	}
}

// mustEncodeOrTooLarge is nil for an event that came under the size limit and
// leaves it when written in full: escapes, or a binary body at the limit.
func mustEncodeOrTooLarge(t *testing.T, ev events.Event) []byte {
	t.Helper()
	body, err := events.Encode(ev)
	if reasonOf(err) == events.ReasonTooLarge {
		return nil
	}
	if err != nil {
		t.Fatalf("what was read cannot be written: %v", err)
	}
	return body
}

// seedBodies are the examples of docs/events.md, one for each class.
func seedBodies(f *testing.F) [][]byte {
	text, err := os.ReadFile(filepath.Join("..", "docs", "events.md"))
	if err != nil {
		f.Fatal(err)
	}
	return jsonBlocks(text)
}
