package events_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

func BenchmarkDecode(b *testing.B) {
	body := mustEncode(b, mustDecode(b, []byte(leaseIssued)))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := events.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeNATS(b *testing.B) {
	header, body, err := events.EncodeNATS(mustDecode(b, []byte(leaseIssued)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := events.DecodeNATS(header, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeBatch(b *testing.B) {
	one := mustEncode(b, mustDecode(b, []byte(leaseIssued)))
	body := []byte("[" + strings.Repeat(string(one)+",", 999) + string(one) + "]")
	header := map[string][]string{"Content-Type": {events.ContentTypeBatch}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		items, err := events.DecodeHTTP(header, body)
		if err != nil || len(items) != 1000 {
			b.Fatal(len(items), err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	ev := mustDecode(b, []byte(leaseIssued))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := events.Encode(ev); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSubjectOf(b *testing.B) {
	ev := mustDecode(b, []byte(leaseIssued))
	b.ReportAllocs()
	for b.Loop() {
		if !bytes.HasPrefix([]byte(events.SubjectOf(ev)), []byte("overstay.")) {
			b.Fatal(events.SubjectOf(ev))
		}
	}
}
