package eventlog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"pgregory.net/rapid"

	"github.com/overstay/overstay/store/eventlog"
)

func TestAnySeverity(t *testing.T) {
	for subject, want := range map[string]string{
		"overstay.alerts.high.OV-001.a.1":        "overstay.alerts.*.OV-001.a.1",
		"overstay.alerts.provisional.OV-001.a.1": "overstay.alerts.*.OV-001.a.1",
		"overstay.alerts.high.OV-001.a":          "overstay.alerts.high.OV-001.a",
		"overstay.alerts.high.OV-001.a.1.2":      "overstay.alerts.high.OV-001.a.1.2",
		"overstay.sealed.a.b.c.d":                "overstay.sealed.a.b.c.d",
		"other.alerts.high.OV-001.a.1":           "other.alerts.high.OV-001.a.1",
	} {
		if got := eventlog.AnySeverity(subject); got != want {
			t.Errorf("%s: %s, want %s", subject, got, want)
		}
	}
}

func TestFromSource(t *testing.T) {
	for subject, want := range map[string]bool{
		"overstay.events.vault.lease": true, "overstay.eventsx.a": false,
		"overstay.clock.tick": false, "overstay.policy.applied": false,
	} {
		if eventlog.FromSource(subject) != want {
			t.Errorf("%s from a source: %v", subject, !want)
		}
	}
}

// The server is the oracle for what a filter matches.
func TestMatchesAsTheServerDoes(t *testing.T) {
	token := rapid.SampledFrom([]string{"a", "b", "ab"})
	filterToken := rapid.SampledFrom([]string{"a", "b", "ab", "*"})
	rapid.Check(t, func(t *rapid.T) {
		subject := strings.Join(rapid.SliceOfN(token, 1, 5).Draw(t, "subject"), ".")
		parts := rapid.SliceOfN(filterToken, 1, 5).Draw(t, "filter")
		if rapid.Bool().Draw(t, "open") {
			parts = append(slices.Clone(parts), ">")
		}
		filter := strings.Join(parts, ".")
		if got, want := eventlog.Matches(filter, subject), server.SubjectMatchesFilter(subject, filter); got != want {
			t.Fatalf("%s matches %s: %v, the server says %v", filter, subject, got, want)
		}
	})
}

// What CheckSubject lets through, the server takes as one literal subject.
func FuzzCheckSubject(f *testing.F) {
	for _, s := range []string{"overstay.events.a", "", ".", "a..b", "a.*", ">", "a b", "a\tb", "é.b", "a\x00b", "a.>b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, subject string) {
		if eventlog.CheckSubject(subject) == nil && !server.IsValidLiteralSubject(subject) {
			t.Errorf("%q passed, the server refuses it", subject)
		}
	})
}
