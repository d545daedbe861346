package correlator

import (
	"maps"
	"slices"

	"github.com/overstay/overstay/events"
)

// AccessView is one access, whole.
type AccessView struct {
	Kind       events.AccessKind
	Source, ID string
	// Subject is who holds it as its source wrote it, or its parent's holder
	// where it has none of its own.
	Subject    events.ID
	Aliases    []events.ID
	Scope      events.Scope
	Credential events.CredentialKind
	// Parents are the accesses that it came from, with how.
	Parents []ParentView
	Refs    []RefView
	// Stretches are the times in which it was held, in order.
	Stretches []StretchView
	// Facts are what was said of it, in order of when it happened.
	Facts []Fact
	// Judgement sums up what it is while it is open: covered, exposed, baseline or
	// unjudged with the reason; "" once it has ended.
	Judgement string
	// Alerts are the ids of the alerts that it is a facet of.
	Alerts []string

	subject events.ID // its own
	floor   Time      // up to which it is judged for good, and shown by what was
}

// ParentView is an access that another came from.
type ParentView struct {
	Kind       events.AccessKind
	Source, ID string
	Edge       events.ParentEdge
}

// RefView is a reference to an approval and whose word it is.
type RefView struct {
	ID, Source string
	By         events.Asserter
}

// StretchView is one time of holding an access.
type StretchView struct {
	// Start lies in (StartLo, Start]; StartLo is Ever where it was held before all
	// that is known.
	Start, StartLo Time
	// End is Forever while it is open; it lies in (EndLo, End].
	End, EndLo Time
	Basis      Basis
	Cause      events.EndCause
	// Claim is a claimed end that nothing outdid, 0 for none.
	Claim Time
	// LastAlive is the last sign of life, LastUse the last use; 0: none.
	LastAlive, LastUse Time
	Expiry             Time
	ExpiryKind         events.ExpiryKind
	// Person are the ids of the holder when it began.
	Person []events.ID
	// Baseline: it began before its source's record does.
	Baseline bool
	Covers   []CoverView
	Gaps     []GapView
	// Uncovered is what it is while no window covers it and none that granted it has
	// ended: exposed, baseline, or unjudged with the reason.
	Uncovered string
	// StartEvent and EndEvent are what its bounds rest on, "source|id".
	StartEvent, EndEvent string
}

// CoverView is a window as it bears on a stretch.
type CoverView struct {
	Source, Approval string
	// From to To is what it covers; it was meant to begin at Nominal, and decided
	// by By at Decided.
	From, To, Nominal, Decided Time
	By                         events.ID
	// Grants: it caused the access, else it only authorises it. Full is false
	// where it covers a lower level only.
	Grants, Full bool
	UnknownEnd   bool
	Event        string
}

// GapView is time that no window covers.
type GapView struct {
	From, To Time
	// After is the granting approval that ended last before it, "" for none.
	AfterSource, After string
	Carried, Ratified  bool
	Used               bool
}

// Fact is one thing that was said, and where it stands in the log.
type Fact struct {
	What string
	// At is when it happened, as the source said; it lies in (Lo, At] where Lo is
	// not 0.
	At, Lo Time
	// Event is "source|id", Seq its position in the log.
	Event string
	Seq   uint64
	// Expiry is what it states of one, 0 for nothing.
	Expiry Time
	Basis  Basis
	Note   string
}

// EachAccess calls fn with every access in key order, until it returns false.
func (v *View) EachAccess(fn func(AccessView) bool) {
	for _, k := range v.accessKeys() {
		if a, ok := v.accessAt(k); ok && !fn(a) {
			return
		}
	}
}

// Access finds one access by the id that its source gives it, also one that it
// was issued again as.
func (v *View) Access(kind events.AccessKind, source, id string) (AccessView, bool) {
	return v.accessAt(v.s.resolve(makeAccessKey(kind, source, id)))
}

// AccessesOf lists the accesses of these ids, in key order: those whose source
// wrote one of them as the holder.
func (v *View) AccessesOf(ids []events.ID) []AccessView {
	seen := map[accessKey]bool{}
	for _, id := range ids {
		v.s.each(indexSubject, indexed(id), func(k string) bool {
			seen[accessKey(k)] = true
			return true
		})
	}
	if v.past != nil {
		for k := range v.past.accesses {
			seen[k] = true
		}
	}
	of := func(id events.ID) bool { return slices.Contains(ids, id) || slices.Contains(ids, v.s.canonical(id)) }
	return v.accesses(slices.Sorted(maps.Keys(seen)), func(a AccessView) bool { return of(a.subject) })
}

// accesses are those that pass.
func (v *View) accesses(keys []accessKey, want func(AccessView) bool) []AccessView {
	var out []AccessView
	for _, k := range keys {
		if a, ok := v.accessAt(k); ok && want(a) {
			out = append(out, a)
		}
	}
	return out
}

// GrantedBy lists the accesses that an approval granted, in key order.
func (v *View) GrantedBy(source, approval string) []AccessView {
	name := makeApprovalKey(source, approval)
	var keys []accessKey
	v.s.each(indexGranted, string(name), func(k string) bool {
		keys = append(keys, accessKey(k))
		return true
	})
	if v.past != nil {
		keys = append(keys, slices.Collect(maps.Keys(v.past.granted[name]))...)
	}
	slices.Sort(keys)
	return v.accesses(slices.Compact(keys), func(AccessView) bool { return true })
}

func (v *View) access(x *access) AccessView {
	c := v.s.caseOf(x)
	out := AccessView{
		Kind: c.Kind, Source: c.Source, ID: c.ID, Subject: v.s.rootSubject(x), Aliases: x.Aliases, Scope: x.Scope,
		Credential: x.Credential, Judgement: judgementOf(c), Alerts: alertsOf(&x.verdict), subject: x.Subject, floor: x.Floor,
	}
	for _, p := range x.Parents {
		kind, source, id := p.Key.split()
		out.Parents = append(out.Parents, ParentView{kind, source, id, p.Edge})
	}
	for _, r := range x.Refs {
		out.Refs = append(out.Refs, RefView(r))
	}
	for _, st := range c.Stretches {
		seen := v.stretch(x, st)
		seen.Uncovered = uncovered(c, st, v.s.approvalsSeen(st.Start))
		out.Stretches = append(out.Stretches, seen)
	}
	for _, a := range x.Acts {
		out.Facts = append(out.Facts, factOf(c.Kind, a))
	}
	return out
}

func factOf(kind events.AccessKind, a act) Fact {
	return Fact{
		What: string(kind) + " " + string(a.Kind), At: a.T, Lo: a.Lo, Event: a.ID, Seq: a.Seq,
		Expiry: a.Exp, Basis: a.Basis, Note: a.Note,
	}
}

func (v *View) stretch(x *access, st Stretch) StretchView {
	out := StretchView{
		Start: st.Start, StartLo: st.StartLo, End: st.End, EndLo: st.EndLo, Basis: st.Basis, Cause: st.Cause, Claim: st.Claim,
		LastAlive: st.LastAlive, LastUse: st.LastUse, Expiry: st.Expiry, ExpiryKind: st.ExpiryKind,
		Person: v.s.person(v.s.rootSubject(x), st.Start), Baseline: st.Baseline, StartEvent: st.StartID, EndEvent: st.EndID,
	}
	for _, cv := range st.Covers {
		view := windowView(*cv.Window)
		view.Grants, view.Full = cv.Grants, cv.Full
		out.Covers = append(out.Covers, view)
	}
	for _, g := range st.Gaps {
		gap := GapView{From: g.From, To: g.To, Carried: g.Carried, Ratified: g.Ratified, Used: g.Used}
		if g.After != nil {
			gap.AfterSource, gap.After = g.After.Approval.split()
		}
		out.Gaps = append(out.Gaps, gap)
	}
	return out
}

func windowView(w Window) CoverView {
	out := CoverView{
		From: w.From, To: w.To, Nominal: w.Nominal, Decided: w.Decided, By: w.By, UnknownEnd: w.UnknownEnd, Event: w.ID, Full: true,
	}
	out.Source, out.Approval = w.Approval.split()
	return out
}

// JudgedAt is what a stretch was at a time within it, covered, exposed, baseline or
// unjudged with the reason, and the window that covered it then, nil for none.
func (st StretchView) JudgedAt(t Time) (judgement string, by *CoverView) {
	for i, cv := range st.Covers {
		if cv.Full && cv.From <= t && t < cv.To && (by == nil || cv.Grants && !by.Grants) {
			by = &st.Covers[i]
		}
	}
	switch {
	case by != nil && by.UnknownEnd:
		return unjudgedEnd, by
	case by != nil:
		return judgedCovered, by
	}
	if g, in := st.GapAt(t); in && g.After != "" {
		return judgedExposed, nil
	}
	return st.Uncovered, nil
}

// GapAt is the gap that a time lies in.
func (st StretchView) GapAt(t Time) (GapView, bool) {
	for _, g := range st.Gaps {
		if g.From <= t && t < g.To {
			return g, true
		}
	}
	return GapView{}, false
}

// Changed reports whether an access was judged since the state was last committed:
// one that was not is as it was then.
func (v *View) Changed(kind events.AccessKind, source, id string) bool {
	return v.s.changed[ownAccess+string(v.s.resolve(makeAccessKey(kind, source, id)))]
}

// AccessRecord is the key under which the state keeps an access, by the id that its
// source gives it: whoever has states of several moments sees by it where it stayed
// untouched.
func AccessRecord(kind events.AccessKind, source, id string) []byte {
	return []byte(keyAccess + string(makeAccessKey(kind, source, id)))
}
