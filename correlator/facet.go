package correlator

import (
	"slices"
)

// facet is one access's part in an alert, kept by its owner.
type facet struct {
	Alert       string   `json:"alert"` // ledger key
	Ord         int      `json:"ord"`   // which gap of this access in this alert
	From        Time     `json:"from"`
	To          Time     `json:"to"`
	Due         Time     `json:"due"`
	Fired       Time     `json:"fired"` // log time at which it was first said
	Severity    Severity `json:"severity"`
	Provisional bool     `json:"provisional,omitempty"`
	Weak        bool     `json:"weak,omitempty"`
	Unattested  bool     `json:"unattested,omitempty"`
	Behind      []string `json:"behind,omitempty"`
	Closed      Closing  `json:"closed,omitempty"`
	Basis       Basis    `json:"basis,omitempty"`
	Claimed     Time     `json:"claimed,omitempty"`
	Used        bool     `json:"used,omitempty"`
	Expiry      Time     `json:"expiry,omitempty"`
	Note        string   `json:"note,omitempty"`
	// Until is the approval that covered it up to From, where another granted it.
	Until approvalKey `json:"until,omitempty"`
}

// facet makes a finding's facet, graded by how firmly it may be said.
func (f *Finding) facet(v settled) facet {
	out := facet{
		Alert: f.Alert, Ord: f.Ord, From: f.From, To: f.To, Due: f.Due, Severity: f.Severity, Weak: f.Weak,
		Provisional: len(v.behind) > 0 || f.Weak, Unattested: v.unattested, Behind: v.behind,
		Closed: f.Closed, Basis: f.Basis, Claimed: f.Claimed, Used: f.Used, Expiry: f.Expiry, Note: f.Note, Until: f.Until,
	}
	if len(v.behind) > 0 {
		out.Severity = min(out.Severity, Medium)
	}
	return out
}

func (f facet) open() bool { return f.Closed == "" }

// ordKey tells an owner's facets of one alert and beginning apart: one byte.
func (f facet) ordKey() string { return string(rune('0' + f.Ord%64)) }

func facetKey(f facet, owner string) []byte {
	state := "c"
	if f.open() {
		state = "o"
	}
	return []byte(indexFacet + f.Alert + idSep + state + timeKey(f.From) + f.ordKey() + owner)
}

// setFacets replaces the facets of an owner's verdict and counts the differences
// into their alerts. A facet keeps the time at which it was first said.
//
// A facet that is gone was never so, unless something else explains it: the policy
// changed, or another alert tells of the same gap.
func (s *step) setFacets(owner string, v *verdict, want []facet) {
	for i := range want {
		f := &want[i]
		f.Fired = s.now()
		if j := slices.IndexFunc(v.Facets, func(o facet) bool { return o.Alert == f.Alert && o.Ord == f.Ord }); j >= 0 {
			f.Fired = v.Facets[j].Fired
		}
	}
	for _, o := range v.Facets {
		if i := slices.IndexFunc(want, func(f facet) bool { return f.Alert == o.Alert && f.Ord == o.Ord }); i >= 0 && sameFacet(want[i], o) {
			continue
		}
		s.st.Delete(facetKey(o, owner))
		replaced := slices.ContainsFunc(want, func(f facet) bool { return f.Alert == o.Alert && f.Ord == o.Ord })
		s.touchLedger(o.Alert).count(o, -1)
		switch {
		case replaced || s.gone[o.Alert] != "":
		case s.byPolicy[owner]:
			s.gone[o.Alert] = ClosedByPolicy
		case slices.ContainsFunc(want, func(f facet) bool { return f.Alert != o.Alert && f.From == o.From }):
			s.gone[o.Alert] = ClosedElsewhere
		}
	}
	for _, f := range want {
		if i := slices.IndexFunc(v.Facets, func(o facet) bool { return f.Alert == o.Alert && f.Ord == o.Ord }); i >= 0 && sameFacet(v.Facets[i], f) {
			continue
		}
		s.touchLedger(f.Alert).count(f, 1)
		s.st.Put(facetKey(f, owner), []byte{})
	}
	s.countOwner(v, want)
	v.Facets = want
	if len(want) == 0 {
		v.Facets = nil
	}
}

// countOwner counts an owner in where its facets are new to an alert, and out where it
// has none there any more. With facets that it let go of it stays counted, as they do.
func (s *step) countOwner(v *verdict, want []facet) {
	for i, f := range want {
		if !inAlert(want[:i], f.Alert) && !inAlert(v.Facets, f.Alert) && v.Released[f.Alert] == 0 {
			s.ledger(f.Alert).Owners++
		}
	}
	for i, f := range v.Facets {
		if !inAlert(v.Facets[:i], f.Alert) && !inAlert(want, f.Alert) && v.Released[f.Alert] == 0 {
			s.ledger(f.Alert).Owners--
		}
	}
}

func inAlert(facets []facet, alert string) bool {
	return slices.ContainsFunc(facets, func(f facet) bool { return f.Alert == alert })
}

// sameFacet reports whether nothing that is stored of two facets differs.
func sameFacet(a, b facet) bool {
	behind := slices.Equal(a.Behind, b.Behind)
	a.Behind, b.Behind = nil, nil
	return behind && facetsEqual(a, b)
}

func facetsEqual(a, b facet) bool {
	return a.Alert == b.Alert && a.Ord == b.Ord && a.From == b.From && a.To == b.To && a.Due == b.Due &&
		a.Fired == b.Fired && a.Severity == b.Severity && a.Provisional == b.Provisional && a.Weak == b.Weak &&
		a.Unattested == b.Unattested && a.Closed == b.Closed && a.Basis == b.Basis && a.Claimed == b.Claimed &&
		a.Used == b.Used && a.Expiry == b.Expiry && a.Note == b.Note && a.Until == b.Until
}
