package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// leaseIssued is what a Vault connector says when somebody got a database
// credential under an approval of one hour.
const leaseIssued = `{
  "specversion": "1.0",
  "type": "dev.overstay.lease.issued",
  "source": "vault://prod",
  "id": "audit/7f3a",
  "time": "2026-03-01T10:00:00+01:00",
  "subject": "vault/prod/entity:952c932a",
  "recordedtime": "2026-03-01T09:00:00.25Z",
  "sequence": "0000000003.0000000000000000017",
  "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "partitionkey": "somebody else's extension",
  "data": {
    "leaseId": "database/creds/readonly/2f6a614c",
    "credential": "dynamic",
    "scope": {"system": "vault/prod", "resource": "database/creds/readonly", "role": "readonly"},
    "expiry": {"kind": "exact", "at": "2026-03-01T10:00:00Z"},
    "approvals": [{"id": "REQ-1", "assertedBy": "issuer"}],
    "effect": "done",
    "aliases": []
  }
}`

func TestDecodeReadsALease(t *testing.T) {
	got, err := events.Decode([]byte(leaseIssued))
	if err != nil {
		t.Fatal(err)
	}
	nine := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	want := events.Event{
		ID: "audit/7f3a", Source: "vault://prod", Type: events.LeaseIssued, Subject: "vault/prod/entity:952c932a",
		Time: nine, Recorded: nine.Add(250 * time.Millisecond), Sequence: events.Sequence{Epoch: 3, Counter: 17},
		TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		Data: &events.Lease{LeaseID: "database/creds/readonly/2f6a614c", Credential: events.CredentialDynamic,
			Scope:     events.Scope{System: "vault/prod", Resource: "database/creds/readonly", Role: "readonly"},
			Expiry:    &events.Expiry{Kind: events.ExpiryExact, At: nine.Add(time.Hour)},
			Approvals: []events.ApprovalRef{{ID: "REQ-1", AssertedBy: events.ByIssuer}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEncodeIsCanonical(t *testing.T) {
	ev, err := events.Decode([]byte(leaseIssued))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"data":{"approvals":[{"assertedBy":"issuer","id":"REQ-1"}],"credential":"dynamic",` +
		`"expiry":{"at":"2026-03-01T10:00:00Z","kind":"exact"},"leaseId":"database/creds/readonly/2f6a614c",` +
		`"scope":{"resource":"database/creds/readonly","role":"readonly","system":"vault/prod"}},` +
		`"datacontenttype":"application/json","id":"audit/7f3a","recordedtime":"2026-03-01T09:00:00.25Z",` +
		`"sequence":"0000000003.0000000000000000017","source":"vault://prod","specversion":"1.0",` +
		`"subject":"vault/prod/entity:952c932a","time":"2026-03-01T09:00:00Z",` +
		`"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","type":"dev.overstay.lease.issued"}`
	if got := mustEncode(t, ev); string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// One event is said by several readers at once, each encoding it: the race detector
// sees whoever writes to it.
func TestAnEventIsEncodedByManyAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := genEvent.Draw(t, "event")
		want, err := events.Encode(ev)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if got, err := events.Encode(ev); err != nil || !bytes.Equal(got, want) {
					t.Errorf("got %s, %v, want %s", got, err, want)
				}
			})
		}
		wg.Wait()
	})
}

func TestEncodeRefusesWhatDecodeWould(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	nobody := events.Event{ID: "1", Source: "vault://prod", Type: events.LeaseIssued, Time: at, Data: &events.Lease{LeaseID: "l"}}
	var invalid *events.InvalidError
	if _, err := events.Encode(nobody); !errors.As(err, &invalid) || len(invalid.Fields) != 2 {
		t.Errorf("a lease without subject and scope: %v", err)
	}
	part := &events.SnapshotPart{SnapshotID: "s"}
	for range events.MaxItems {
		part.Items = append(part.Items, events.SnapshotItem{ID: strings.Repeat("x", 300), Subject: "alice", Scope: events.Scope{System: "vault"}})
	}
	var large *events.DecodeError
	_, err := events.Encode(events.Event{ID: "1", Source: "vault://prod", Type: events.SourceSnapshotPart, Time: at, Data: part})
	if !errors.As(err, &large) || large.Reason != events.ReasonTooLarge {
		t.Errorf("a snapshot part of 300 KB: %v", err)
	}
}

// What is said survives the wire unchanged, for each type, in each binding.
func TestRoundTrip(t *testing.T) {
	for _, typ := range events.Types() {
		t.Run(typ.Short(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ev := eventOf(typ).Draw(t, "event")
				if err := ev.Validate(); err != nil {
					t.Fatalf("the generator made an invalid event: %v", err)
				}
				body := mustEncode(t, ev)
				sameEvent(t, body, ev)(events.Decode(body))
				canonical := jsontext.Value(bytes.Clone(body))
				if err := canonical.Canonicalize(); err != nil || !bytes.Equal(canonical, body) {
					t.Fatalf("not RFC 8785 (%v):\n%s\n%s", err, body, canonical)
				}
				if !json.Valid(body) {
					t.Fatalf("encoding/json cannot read %s", body)
				}
				header, natsBody, err := events.EncodeNATS(ev)
				if err != nil {
					t.Fatal(err)
				}
				sameEvent(t, natsBody, ev)(events.DecodeNATS(header, natsBody))
				ce, err := ev.CloudEvent()
				if err != nil {
					t.Fatal(err)
				}
				sameEvent(t, body, ev)(events.FromCloudEvent(ce))
				generic, err := events.DecodeCloudEvent(body)
				if err != nil {
					t.Fatal(err)
				}
				sameEvent(t, body, ev)(events.FromCloudEvent(generic))
			})
		})
	}
}

func sameEvent(t fataler, body []byte, want events.Event) func(events.Event, error) {
	return func(got events.Event, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\ngot  %+v %+v\nwant %+v %+v", body, got, got.Data, want, want.Data)
		}
	}
}

// fataler is what rapid's T and testing's have in common.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func mustEncode(t fataler, ev events.Event) []byte {
	t.Helper()
	body, err := events.Encode(ev)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func mustDecode(t fataler, body []byte) events.Event {
	t.Helper()
	ev, err := events.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}
