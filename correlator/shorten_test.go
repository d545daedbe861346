package correlator

import (
	"fmt"
	"testing"
	"time"
)

// TestLetGoStaysCounted: a membership that nobody approved comes and goes more
// often than its acts are kept. Each time is a finding of one alert, and those that
// were let go stay in its count; a late copy of an act of theirs opens nothing.
func TestLetGoStaysCounted(t *testing.T) {
	p := newStoryPlayer()
	p.pol.Watched = []ScopePattern{{System: "db"}}
	p.pol.Rules = map[RuleID]RuleSetting{"OV-005": {Enabled: new(bool)}}
	*p.pol.Rules["OV-005"].Enabled = true
	p.tick(t, clockTime(t, "08:00"))
	p.say(t, 1, `08:00 pam://x approval.granted bob {"approvalId": "R", "scopes": [{"system": "db"}], "window": {"start": "@08:00", "end": "@09:00", "endKind": "at"}}`)
	const n = 70
	member := `"scope": {"system": "db", "role": "r"}`
	at := clockTime(t, "09:00")
	hhmmss := func(d time.Duration) string { return at.Add(d).Format("15:04:05") }
	added := func(i int) string {
		return fmt.Sprintf(`%s ldap://c directory.membership-added alice {%s}`, hhmmss(time.Duration(i)*8*time.Minute), member)
	}
	for i := range n {
		p.tick(t, at.Add(time.Duration(i)*8*time.Minute))
		p.say(t, 2, added(i))
		p.tick(t, at.Add(time.Duration(i)*8*time.Minute+4*time.Minute))
		p.say(t, 2, fmt.Sprintf(`%s ldap://c directory.membership-removed alice {%s}`, hhmmss(time.Duration(i)*8*time.Minute+4*time.Minute), member))
	}
	last := func() *Alert {
		for i := len(p.told) - 1; i >= 0; i-- {
			if a := p.told[i].Alert; a != nil && a.Rule.ID == "OV-005" {
				return a
			}
		}
		t.Fatal("no alert")
		return nil
	}
	if a := last(); a.State != Resolved || a.Total != n {
		t.Errorf("%s with %d over, want resolved with %d", a.State, a.Total, n)
	}
	told := len(p.told)
	p.say(t, 3, added(0))
	p.tick(t, at.Add(n*8*time.Minute+time.Hour))
	if len(p.told) != told {
		t.Errorf("a late copy of what was let go is told: %+v", p.told[told:])
	}
}
