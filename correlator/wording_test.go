package correlator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSpanReadsInTwoUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		250 * time.Millisecond:                "250ms",
		59 * time.Second:                      "59s",
		20*time.Minute + 30*time.Second:       "20m30s",
		34 * time.Minute:                      "34m",
		10*time.Minute + 500*time.Millisecond: "10m1s",
		time.Hour:                             "1h",
		-2 * time.Hour:                        "2h",
		90 * time.Minute:                      "1h30m",
		47*time.Hour + 10*time.Minute:         "47h10m",
		49 * time.Hour:                        "2 days",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestHedgeCountsWhoIsBehind(t *testing.T) {
	a := fullAlert()
	a.State, a.Provisional, a.Closing = Raised, true, ""
	for _, c := range []struct {
		behind []string
		want   string
	}{
		{[]string{"pam://x"}, "pam://x has not reported"},
		{[]string{"pam://x", "vault://prod"}, "pam://x, vault://prod have not reported"},
	} {
		a.Facets[0].Behind = c.behind
		if got := a.message(); !strings.Contains(got, c.want) {
			t.Errorf("%q does not say %q", got, c.want)
		}
	}
}

// What was said of something that lasted is told in the past once it is withdrawn.
func TestWithdrawnIsToldInThePast(t *testing.T) {
	a := fullAlert()
	a.Facets[0].To = Forever
	said := a.was()
	a.State, a.Closing, a.Facets, a.Said = Retracted, closedWithdrawn, nil, said
	if got := a.message(); !strings.HasPrefix(got, "Withdrawn: it was said that ") || strings.Contains(got, "still holds") {
		t.Error(got)
	}
}

// TestTheSentenceCountsAccesses: two memberships are held on after the window that
// granted them, and other approvals cover them now and then. Each time between is a gap
// of one alert, of which a body shows few; the accesses stay two.
func TestTheSentenceCountsAccesses(t *testing.T) {
	p := newStoryPlayer()
	approve := func(i int, from, to time.Time) {
		p.say(t, 1, fmt.Sprintf(`%s pam://x approval.granted alice {"approvalId": "R%d", "requester": "alice", "scopes": [{"system": "db", "role": "*"}], "window": {"start": "@%s", "end": "@%s", "endKind": "at"}}`,
			from.Format("15:04"), i, from.Format("15:04"), to.Format("15:04")))
	}
	at := clockTime(t, "08:00")
	const approvals = 16
	for i := range approvals {
		from := at.Add(time.Duration(i) * 40 * time.Minute)
		p.tick(t, from)
		approve(i, from, from.Add(20*time.Minute))
		if i == 0 {
			p.say(t, 2, `08:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "one"}}`)
			p.say(t, 3, `08:05 ldap://c directory.membership-added alice {"scope": {"system": "db", "role": "two"}}`)
		}
		p.tick(t, from.Add(39*time.Minute))
	}
	most := 0
	for _, pub := range p.told {
		a := pub.Alert
		if a == nil || a.Rule.ID != ruleOutlived.ID {
			continue
		}
		most = max(most, a.Total)
		if !strings.Contains(a.message(), " membership of one in db and 1 more ") {
			t.Errorf("of %d gaps of two memberships it says %q", a.Total, a.message())
		}
		if short := a.shortened(1, 0).message(); short != a.message() {
			t.Errorf("with one facet shown it says %q, not %q", short, a.message())
		}
	}
	if most < 2*MaxShown {
		t.Errorf("an alert has %d gaps at most: the story tells nothing of those that are not shown", most)
	}
}
