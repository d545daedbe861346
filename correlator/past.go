package correlator

import (
	"maps"
	"slices"
)

// Past is what the working state has let go of, for a review to look at: accesses and
// approvals beyond the horizon, the stretches and acts of a busy access, alerts that
// are forgotten. It takes what [Working.ShowDeparted] has the results say, stands beside
// the state, and is read by a [View] alone. It grows with all that ever was; a server
// has none.
type Past struct {
	accesses  map[accessKey]AccessView
	approvals map[approvalKey]ApprovalRecord
	alerts    map[string]AlertRecord // by id
	facts     map[accessKey][]Fact   // that went alone
	// granted and facets lead to what is kept.
	granted map[approvalKey]map[accessKey]bool
	facets  map[string]map[string]bool // by alert id: owners
}

// NewPast is a past in which nothing was.
func NewPast() *Past {
	return &Past{
		accesses: map[accessKey]AccessView{}, approvals: map[approvalKey]ApprovalRecord{}, alerts: map[string]AlertRecord{},
		facts: map[accessKey][]Fact{}, granted: map[approvalKey]map[accessKey]bool{}, facets: map[string]map[string]bool{},
	}
}

// Take adds what departed with a step. The same step may be taken again.
func (p *Past) Take(d Departed) {
	for _, a := range d.Accesses {
		k := makeAccessKey(a.Kind, a.Source, a.ID)
		if was, ok := p.accesses[k]; ok {
			a = a.after(was)
		}
		p.accesses[k] = a
		p.listFacets(a.Alerts, ownAccess+string(k))
		for _, st := range a.Stretches {
			for _, cv := range st.Covers {
				if cv.Grants {
					enter(p.granted, makeApprovalKey(cv.Source, cv.Approval), k)
				}
			}
		}
	}
	for _, a := range d.Approvals {
		k := makeApprovalKey(a.Source, a.ID)
		p.approvals[k] = a
		p.listFacets(a.Alerts, ownApproval+string(k))
	}
	for _, a := range d.Alerts {
		p.alerts[a.ID] = a
	}
	for _, f := range d.Facts {
		k := makeAccessKey(f.Kind, f.Source, f.ID)
		p.facts[k] = uniteFacts(p.facts[k], []Fact{f.Fact})
	}
}

func (p *Past) listFacets(alerts []string, owner string) {
	for _, id := range alerts {
		enter(p.facets, id, owner)
	}
}

func enter[K, V comparable](index map[K]map[V]bool, k K, v V) {
	if index[k] == nil {
		index[k] = map[V]bool{}
	}
	index[k][v] = true
}

// With is the view together with what the state has let go of.
func (v *View) With(p *Past) *View { return &View{v.s, p} }

// accessAt is an access whole: what the state has of it with what that let go of.
func (v *View) accessAt(k accessKey) (AccessView, bool) {
	x := v.s.access(k)
	if v.past == nil {
		if x == nil {
			return AccessView{}, false
		}
		return v.access(x), true
	}
	out, kept := v.past.accesses[k]
	switch {
	case x == nil && (!kept || v.s.resolve(k) != k): // it turned out to be another, issued again
		return AccessView{}, false
	case x != nil && kept:
		out = v.access(x).after(out)
	case x != nil:
		out = v.access(x)
	}
	out.Facts = uniteFacts(out.Facts, v.past.facts[k])
	return out, true
}

// after puts what was kept of an access before what is known of it now: the state
// knows better, but for the stretches that it no longer has, and for what was so up
// to the time that it judged for good.
func (a AccessView) after(kept AccessView) AccessView {
	a.Facts = uniteFacts(kept.Facts, a.Facts)
	for _, id := range kept.Alerts {
		if !slices.Contains(a.Alerts, id) {
			a.Alerts = append(a.Alerts, id)
		}
	}
	now := slices.Clone(a.Stretches)
	for _, was := range kept.Stretches {
		i := slices.IndexFunc(now, func(st StretchView) bool { return st.Start == was.Start })
		if i < 0 {
			i = slices.IndexFunc(now, func(st StretchView) bool { return st.Start < was.End && was.Start < st.End })
		}
		if i < 0 {
			now = append(now, was)
			continue
		}
		now[i] = now[i].after(was, a.floor)
	}
	slices.SortFunc(now, func(x, y StretchView) int { return cmp(x.Start, y.Start) })
	a.Stretches = now
	return a
}

func (st StretchView) after(was StretchView, floor Time) StretchView {
	st.Covers, st.Gaps = slices.Clone(st.Covers), slices.Clone(st.Gaps)
	for _, cv := range was.Covers {
		again := slices.ContainsFunc(st.Covers, func(o CoverView) bool {
			return o.Approval == cv.Approval && o.Source == cv.Source && o.Event == cv.Event && o.From == cv.From
		})
		if cv.To <= floor && !again {
			st.Covers = append(st.Covers, cv)
		}
	}
	for _, g := range was.Gaps {
		if g.To <= floor && !slices.Contains(st.Gaps, g) {
			st.Gaps = append(st.Gaps, g)
		}
	}
	slices.SortStableFunc(st.Covers, func(x, y CoverView) int { // as compareCovers does
		switch {
		case x.From != y.From:
			return cmp(x.From, y.From)
		case x.To != y.To:
			return cmp(x.To, y.To)
		}
		return cmp(string(makeApprovalKey(x.Source, x.Approval)), string(makeApprovalKey(y.Source, y.Approval)))
	})
	slices.SortStableFunc(st.Gaps, func(x, y GapView) int { return cmp(x.From, y.From) })
	return st
}

// uniteFacts puts facts together, in order of when they happened, each once.
func uniteFacts(a, b []Fact) []Fact {
	if len(b) == 0 {
		return a
	}
	out := slices.Clone(a)
	for _, f := range b {
		if !slices.ContainsFunc(out, func(o Fact) bool { return o.At == f.At && o.Event == f.Event && o.What == f.What }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(x, y Fact) int { return cmp(x.At, y.At) })
	return out
}

// accessKeys are those of the state and of the past, in order.
func (v *View) accessKeys() []accessKey {
	var keys []accessKey
	v.s.eachKey(keyAccess, func(k string) bool {
		keys = append(keys, accessKey(k))
		return true
	})
	if v.past != nil {
		keys = append(keys, slices.Collect(maps.Keys(v.past.accesses))...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// approvalKeys are those of the state and of the past that pass, in order.
func (v *View) approvalKeys(of []approvalKey, want func(approvalKey, ApprovalRecord) bool) []approvalKey {
	if v.past != nil {
		for k, a := range v.past.approvals {
			if want(k, a) {
				of = append(of, k)
			}
		}
	}
	slices.Sort(of)
	return slices.Compact(of)
}

// approvalAt is an approval, also one that has left.
func (v *View) approvalAt(k approvalKey) (ApprovalRecord, bool) {
	if a := v.s.approval(k); a != nil {
		return v.approval(a), true
	}
	if v.past == nil {
		return ApprovalRecord{}, false
	}
	a, ok := v.past.approvals[k]
	return a, ok
}
