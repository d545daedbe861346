package correlator

import (
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
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

// TestTheSentenceCountsAccesses: a gap more of the same access is no access more. Of
// what is not shown nothing else is known than how many gaps there are.
func TestTheSentenceCountsAccesses(t *testing.T) {
	lease := func(id string) FacetView {
		return FacetView{Kind: events.KindLease, Credential: events.CredentialDynamic, Source: "vault://p", ID: id, Scope: events.Scope{System: "db"}}
	}
	for _, c := range []struct {
		facets    []FacetView
		total     int
		perAccess bool
		want      string
	}{
		{[]FacetView{lease("L1")}, 1, false, "dynamic lease L1 on db"},
		{[]FacetView{lease("L1"), lease("L1")}, 2, false, "dynamic lease L1 on db"},
		{[]FacetView{lease("L1"), lease("L2")}, 2, false, "dynamic lease L1 on db and 1 more"},
		{[]FacetView{lease("L1"), lease("L2"), lease("L1"), lease("L2")}, 4, false, "dynamic lease L1 on db and 1 more"},
		{[]FacetView{lease("L1"), lease("L1"), lease("L2")}, 100, false, "dynamic lease L1 on db and 98 more"},
		{[]FacetView{lease("L1"), lease("L1")}, 100, true, "dynamic lease L1 on db"},
	} {
		a := &Alert{Facets: c.facets, Total: c.total, perAccess: c.perAccess}
		if got := a.things(c.facets[0]); got != c.want {
			t.Errorf("of %d facets, %d of them shown: %q, not %q", c.total, len(c.facets), got, c.want)
		}
		// What a body has no room for is not forgotten.
		if got := a.shortened(1, 0).things(c.facets[0]); got != c.want {
			t.Errorf("of %d facets, one of them shown: %q, not %q", c.total, got, c.want)
		}
	}
}
