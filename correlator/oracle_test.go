package correlator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/correlator/oracle"
	"github.com/overstay/overstay/events"
)

// settingsOf is a policy as the oracle takes it.
func settingsOf(p *Policy) oracle.Settings {
	s := oracle.Settings{
		Grace: map[events.AccessKind]time.Duration{
			events.KindSession: p.Grace.Session, events.KindLease: p.Grace.Lease, events.KindMembership: p.Grace.Membership,
		},
		UnprovenAfter: p.UnprovenAfter, HoldUnproven: p.HoldUnproven, Realms: p.Realms,
		OffboardingRealms: p.Offboarding.Realms, OffboardingAfter: p.Offboarding.After,
		BreakGlass: p.BreakGlass, BreakGlassRecord: p.BreakGlassRecord,
		Sources: map[string]oracle.Source{}, On: map[string]bool{}, Grade: map[string]int{},
	}
	for _, r := range Rules() {
		s.On[string(r.ID)] = r.Default
	}
	for id, set := range p.Rules {
		if set.Enabled != nil {
			s.On[string(id)] = *set.Enabled
		}
		s.Grade[string(id)] = int(set.Severity)
	}
	for _, w := range p.Watched {
		s.Watched = append(s.Watched, oracle.Pattern(w))
	}
	for uri, set := range p.Sources {
		o := oracle.Source{Ends: set.EndReporting, Uncertainty: set.Uncertainty, Unbelieved: set.Approvals != nil && !*set.Approvals}
		if set.Authority != nil {
			o.Types = set.Authority.Types
		}
		s.Sources[uri] = o
	}
	return s
}

// findingLine is a finding of the oracle, to compare.
func findingLine(f oracle.Finding) string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.UTC().Format("15:04:05")
	}
	about := f.Approval + "@" + f.ApprovalSource
	if f.Approval == "" {
		about = string(f.Account)
	}
	return fmt.Sprintf("%s about=%s source=%s %s %s [%s, %s) closed=%q basis=%s claimed=%s severity=%s provisional=%v",
		f.Rule, about, f.Source, f.Kind, f.ID, at(f.From), at(f.To), f.Closed, f.Basis, at(f.Claimed), Severity(f.Severity), f.Provisional)
}

// facetLine is the same of a facet of ours.
func facetLine(owner string, f facet) string {
	parts := partsOf(f.Alert)
	of := oracle.Finding{Account: parts.Account, Rule: string(parts.Rule), Source: parts.Source, Closed: string(f.Closed), Basis: string(f.Basis),
		Severity: int(f.Severity), Provisional: f.Provisional, From: f.From.Std()}
	if parts.Approval != "" {
		of.ApprovalSource, of.Approval = parts.Approval.split()
	}
	if owner[:1] != ownSource {
		of.Kind, of.Source, of.ID = accessKey(owner[1:]).split()
	}
	if f.Closed != "" {
		of.To = f.To.Std()
	} else if f.Claimed != 0 {
		of.Claimed, of.To = f.Claimed.Std(), f.To.Std()
	}
	return findingLine(of)
}

// facetLines are all facets that the state holds.
func facetLines(st State) []string {
	var out []string
	st.Scan([]byte(keyAccess), nil, func(_, v []byte) bool {
		var x access
		decodeRecord(v, &x)
		for _, f := range x.Facets {
			out = append(out, facetLine(ownAccess+string(x.Key), f))
		}
		return true
	})
	slices.Sort(out)
	return out
}

// oracleRules are the rules that the oracle knows; oracle/doc.go lists the others.
var oracleRules = []string{"OV-001", "OV-019"}

// oraclePolicy is what histories are played under: every rule, so that those that
// speak of one gap stand in each other's way, and neither entitlements nor accounts
// for emergencies, of which the oracle knows nothing.
func oraclePolicy() *Policy {
	pol := everyRule()
	pol.Entitlements, pol.BreakGlass = nil, nil
	return pol
}

// facetsOf is what the core says of a history in the end, of the oracle's rules.
func facetsOf(t interface{ Fatal(...any) }, h history, pol *Policy, order []int) []string {
	st := newSortedState()
	w := NewWorking(st) // its records stay decoded, which is three times as fast
	h.drive(t, order, func(m Message) Result { return w.Step(pol, m) })
	w.Flush()
	return slices.DeleteFunc(facetLines(st), func(l string) bool {
		return !slices.Contains(oracleRules, l[:len("OV-000")])
	})
}

// oracleSays is the same by the oracle.
func oracleSays(s oracle.Settings, h history, order []int) []string {
	o := oracle.New(s)
	for _, i := range order {
		o.Read(h.events[i])
	}
	end := h.ticks[len(h.ticks)-1].Add(40*7*time.Minute + catchUpFor)
	o.Read(events.Event{Source: "overstay://clock", Data: &events.Tick{Wall: end}})
	var out []string
	for _, f := range o.Findings() {
		out = append(out, findingLine(f))
	}
	slices.Sort(out)
	return out
}

// TestOracle: after a history the facets of all alerts are what a second
// implementation says. It takes -rapid.checks histories, and says how fast.
func TestOracle(t *testing.T) {
	histories, began := 0, time.Now()
	defer func() {
		t.Logf("%d histories, %.0f a second", histories, float64(histories)/time.Since(began).Seconds())
	}()
	rapid.Check(t, func(t *rapid.T) {
		histories++
		h := genIncident(t)
		order := rapid.Permutation(h.inOrder()).Draw(t, "order")
		for range rapid.IntRange(0, 3).Draw(t, "copies") {
			order = append(order, rapid.SampledFrom(order).Draw(t, "copy"))
		}
		pol := oraclePolicy()
		got, want := facetsOf(t, h, pol, order), oracleSays(settingsOf(pol), h, order)
		if !slices.Equal(got, want) {
			t.Fatalf("%s\n\nthe core says\n%s\n\nthe oracle says\n%s", h.story(order), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// inOrder is the order of time.
func (h history) inOrder() []int {
	out := make([]int, len(h.events))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return h.events[a].Time.Compare(h.events[b].Time) })
	return out
}

// story is the history as somebody would tell it.
func (h history) story(order []int) string {
	var b strings.Builder
	for _, i := range order {
		ev := h.events[i]
		fmt.Fprintf(&b, "%s %s %s %s %s %s\n", ev.Time.Format("15:04:05"), ev.Source, ev.Type.Short(), ev.ID, ev.Subject, dataText(ev))
	}
	return b.String()
}

func dataText(ev events.Event) string {
	b, err := events.Encode(ev)
	if err != nil {
		return err.Error()
	}
	_, data, _ := strings.Cut(string(b), `"data":`)
	data, _, _ = strings.Cut(data, `,"datacontenttype"`)
	return data
}
