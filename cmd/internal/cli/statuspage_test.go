package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
)

func page(t *testing.T, s app.Status) string {
	t.Helper()
	var b strings.Builder
	if err := (statusPage{Status: s, now: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)}).print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestStatusPage: a day on which one source is blind, one reads well, and half is
// not judged.
func TestStatusPage(t *testing.T) {
	got := page(t, app.Status{
		Version: "v1", Started: time.Date(2026, 10, 1, 11, 0, 0, 0, time.UTC), LogTime: "2026-10-01T12:00:00.000Z", Position: 4711, Ready: true,
		Approvals: 2, Windows: 1, Open: 3, Timers: 4,
		Judgement: map[string]int{"unjudged: no approval of this person names it": 2, "exposed": 1},
		Sources: []app.SourceStatus{
			{URI: "openldap://corp", Events: 120, Open: 2, Progress: "2026-10-01T11:58:30.000Z", Promises: true, Blind: "no progress for 90 s"},
			{URI: "vault://prod", Events: 7, Unauthorised: 12, Open: 1},
		},
		Connector: []app.ConnectorStatus{{URI: "openldap://corp", State: "waiting", Events: map[string]uint64{"directory": 120}, Skipped: map[string]uint64{"not-access": 117, "parse-error": 2, "too-long": 1}, LastError: "connection\nrefused\x1b[2J"}},
		Unmapped:  []app.ScopeStatus{{Scope: "ldap/corp admins", Open: 2}},
		Advice:    []string{"identity:\n  joins:\n    - {realms: [\"desk\", \"ldap/corp\"]}   # 2 names in both\n"},
	})
	want := `overstay v1, running for 1h0m0s
its verdicts are up to date; log time 2026-10-01T12:00:00.000Z, position 4711
2 approvals (1 in force or to come), 3 accesses open, 4 timers armed

Sources
  SOURCE           EVENTS  UNAUTHORISED  OPEN  PROGRESS      BLIND
  openldap://corp  120     0             2     1m30s ago     no progress for 90 s
  vault://prod     7       12            1     not promised  

Connectors
  CONNECTOR        STATE    EVENTS  NOT ACCESS  SKIPPED                    LAST ERROR
  openldap://corp  waiting  120     117         2 parse-error, 1 too-long  connection?refused?[2J

Open accesses by judgement
       1  exposed
       2  unjudged: no approval of this person names it

Scopes that no approval of their holder names
  OPEN  SCOPE
  2     ldap/corp admins

To paste into the policy: more could be judged (docs/policy.md)
  identity:
    joins:
      - {realms: ["desk", "ldap/corp"]}   # 2 names in both
  # then ask status again: entitlements come next
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestStatusSaysWhatAdviceComesNext: only where joins stand alone.
func TestStatusSaysWhatAdviceComesNext(t *testing.T) {
	joins, rights := "identity:\n  joins:\n    - {realms: [\"a\", \"b\"]}\n", "entitlements:\n  dba:\n    members:\n"
	for _, c := range []struct {
		advice []string
		want   bool
	}{{nil, false}, {[]string{joins}, true}, {[]string{joins, rights}, false}, {[]string{rights}, false}} {
		if got := strings.Contains(page(t, app.Status{Advice: c.advice}), "ask status again"); got != c.want {
			t.Errorf("%q: %t", c.advice, got)
		}
	}
}

// TestWhatIsNotAboutAccessIsNoLoss: it is counted apart.
func TestWhatIsNotAboutAccessIsNoLoss(t *testing.T) {
	for want, by := range map[string]map[string]uint64{
		"0":                      {"not-access": 117},
		"1 bad-json":             {"not-access": 117, "bad-json": 1},
		"1 bad-json, 2 too-long": {"too-long": 2, "bad-json": 1, "unread": 0},
	} {
		if got := skipped(by); got != want {
			t.Errorf("%v: %q, not %q", by, got, want)
		}
	}
}

// TestStatusSaysWhatIsLeft: events wait in the log.
func TestStatusSaysWhatIsLeft(t *testing.T) {
	got := page(t, app.Status{Ready: true, Position: 4711, LogEnd: 4712})
	if !strings.Contains(got, "not up to date: 1 message still to be judged") {
		t.Error(got)
	}
}

// TestStatusNeverSaysAllClear: with nothing seen, that is what is said.
func TestStatusNeverSaysAllClear(t *testing.T) {
	got := page(t, app.Status{NotReady: "reading the log: at position 1 of 9", HeldClock: "2027-01-01T00:00:00.000Z"})
	for _, want := range []string{
		"not up to date: reading the log: at position 1 of 9", "log time not known yet", "waits for an operator",
		"none has said anything yet: nothing is seen, and nothing can be judged",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
