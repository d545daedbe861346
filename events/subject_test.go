package events_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

func TestEscapeToken(t *testing.T) {
	for in, want := range map[string]string{
		"":                 "%",
		"vault://prod":     "vault://prod",
		"a.b":              "a%2Eb",
		"two words":        "two%20words",
		"*":                "%2A",
		">":                "%3E",
		"%":                "%25",
		"é":                "%C3%A9",
		"a\r\nPUB x":       "a%0D%0APUB%20x",
		"\xff":             "%FF",
		"cn=x,dc=corp":     "cn=x,dc=corp",
		"arn:aws:iam::1/*": "arn:aws:iam::1/%2A",
	} {
		if got := events.EscapeToken(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestUnescapeTokenRefuses(t *testing.T) {
	for _, token := range []string{"", "a.b", "a b", "%2", "%2e", "%41", "%zz", "a%", "%%", "é", "*", ">"} {
		if s, err := events.UnescapeToken(token); err == nil {
			t.Errorf("%q was read as %q", token, s)
		}
	}
}

func TestTokenProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkToken(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
		checkToken(t, rapid.String().Draw(t, "text"))
	})
}

// checkToken: the token is one legal token, and reads back.
func checkToken(t fataler, s string) {
	t.Helper()
	token := events.EscapeToken(s)
	if !oneToken(token) {
		t.Fatalf("%q became %q, which is not one token", s, token)
	}
	if back, err := events.UnescapeToken(token); err != nil || back != s {
		t.Fatalf("%q became %q and then %q, %v", s, token, back, err)
	}
}

// oneToken is written apart from the code under test: printable ASCII, none of
// what NATS gives a meaning to.
func oneToken(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(".*>", r)
	})
}

func TestSubjects(t *testing.T) {
	ev := mustDecode(t, []byte(leaseIssued))
	for _, c := range []struct{ got, want string }{
		{events.SubjectOf(ev), "overstay.events.lease.issued.vault://prod"},
		{events.SubjectOf(events.Event{Type: events.MembershipAdded, Source: "ldap://dc1.corp"}), "overstay.events.directory.membership-added.ldap://dc1%2Ecorp"},
		{events.SubjectOf(events.Event{Type: events.ClockTick, Source: "overstay://x"}), "overstay.clock.tick"},
		{events.SubjectOf(events.Event{Type: events.PolicyApplied}), "overstay.policy.applied"},
		{events.SubjectOf(events.Event{Type: events.OperatorSuppressed}), "overstay.operator.suppressed"},
		{events.SubjectOf(events.Event{Type: events.SystemEpoch}), "overstay.system.epoch"},
		{events.AlertSubject("high", "OV-001", "f00", 7), "overstay.alerts.high.OV-001.f00.7"},
		{events.AlertSubject(events.Provisional, "OV-001", "f00", 1), "overstay.alerts.provisional.OV-001.f00.1"},
		{events.SealedSubject("REQ 1.2", 1), "overstay.sealed.REQ%201%2E2.1"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// However long and strange the parts, a subject is legal, of known depth and
// short enough, and two sources never share one.
func TestSubjectProperties(t *testing.T) {
	genPart := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.Rune(), 0, 2000, -1), rapid.StringOfN(rapid.SampledFrom([]rune("ab.")), 140, 160, -1))
	rapid.Check(t, func(t *rapid.T) {
		a, b := genPart.Draw(t, "a"), genPart.Draw(t, "b")
		checkSubject(t, events.SubjectOf(events.Event{Type: events.LeaseRevocationFailed, Source: a}), 5)
		checkSubject(t, events.SubjectOf(events.Event{Type: events.Type(a), Source: b}), 5)
		checkSubject(t, events.AlertSubject(a, b, a, 1<<64-1), 6)
		checkSubject(t, events.SealedSubject(a, 1<<64-1), 4)
		if same := events.SealedSubject(a, 1) == events.SealedSubject(b, 1); same != (a == b) {
			t.Fatalf("%q and %q share a subject: %v", a, b, same)
		}
	})
}

func checkSubject(t fataler, subject string, tokens int) {
	t.Helper()
	parts := strings.Split(subject, ".")
	if len(parts) != tokens || len(subject) >= 512 {
		t.Fatalf("%q has %d tokens, not %d, and %d bytes", subject, len(parts), tokens, len(subject))
	}
	for _, p := range parts {
		if !oneToken(p) {
			t.Fatalf("%q has the token %q", subject, p)
		}
	}
}

func TestLongSourceIsShortened(t *testing.T) {
	subject := events.SubjectOf(events.Event{Type: events.AccessUsed, Source: "ldap://" + strings.Repeat("é", 500)})
	token := subject[strings.LastIndexByte(subject, '.')+1:]
	if len(token) > 150 || !strings.HasPrefix(token, "ldap://%C3%A9") {
		t.Errorf("got %q", token)
	}
	if s, err := events.UnescapeToken(token); !errors.Is(err, events.ErrShortened) {
		t.Errorf("read back as %q, %v", s, err)
	}
}
