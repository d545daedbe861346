package events

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The shortcut says nothing that parsing would not say.
func TestPlainURIIsNormalForm(t *testing.T) {
	part := rapid.StringOfN(rapid.SampledFrom([]rune("azAZ09-._/:?#%@ ")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		s := part.Draw(t, "scheme") + rapid.SampledFrom([]string{"://", ":", ""}).Draw(t, "colon") + part.Draw(t, "rest")
		if !plainURI(s) {
			return
		}
		if u, err := uriReference(s); err != nil || u.String() != s {
			t.Fatalf("%q is plain, but %v, %v", s, u, err)
		}
	})
	for s, want := range map[string]bool{"vault://prod": true, "ldap://dc1.corp/x": true, "://a": false, "a://": false, "a:///b": false, "VAULT://prod": false} {
		if plainURI(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

// Every time that Go writes is read back; the form is what RFC 3339 says.
func TestParseTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-23*60-59, 23*60+59).Draw(t, "minutes"))
		want := time.Unix(rapid.Int64Range(0, 7e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos"))
		text := want.In(zone).Format(time.RFC3339Nano)
		if got, err := parseTime([]byte(text)); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Fatalf("%s: %v, %v", text, got, err)
		}
	})
	for _, text := range []string{"", "2026-03-01", "2026-03-01T09:00:00", "2026-03-01 09:00:00Z", "2026-03-01t09:00:00z",
		"2026-03-01T24:00:00Z", "2026-03-01T09:00:60Z", "2026-13-01T09:00:00Z", "2026-03-01T09:00:00+24:00",
		"2026-03-01T09:00:00+1:00", "2026-03-01T09:00:00Zulu", "+2026-03-01T09:00:00Z", "2026-03-01T09:00:00.5"} {
		if got, err := parseTime([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}
