package correlator

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// View reads a state as a reviewer does: whole accesses and approvals, with what
// was derived of them and the evidence for each, as the policy has it. It changes
// nothing. A view is of one moment: after the next step a new one is needed.
type View struct {
	s    *step
	past *Past // nil: what has left is gone
}

// NewView reads a state as it was stored.
func NewView(st State, pol *Policy) *View { return &View{s: look(st, pol)} }

// View reads what a run of messages has made of the state so far.
func (w *Working) View(pol *Policy) *View { return &View{s: w.newStep(pol, Message{})} }

// Now is the log time that the state has reached.
func (v *View) Now() Time { return v.s.now() }

// Person lists the ids that are one person with this one at a time (0: now), the
// id itself included, sorted.
func (v *View) Person(id events.ID, at Time) []events.ID { return v.s.person(id, at) }

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

// ApprovalRecord is one approval, whole.
type ApprovalRecord struct {
	Source, ID string
	Kind       events.ApprovalKind
	Requester  events.ID
	Consumers  []events.ID
	DecidedBy  events.ID
	Scopes     []events.Scope
	Ticket     string
	Granted    bool
	Windows    []CoverView
	Facts      []Fact
	// Accesses counts what it granted, Open what of that is held.
	Accesses, Open int
	// Sealed is how many revisions of its seal were published.
	Sealed uint64
	Alerts []string

	users []events.ID // in any of its windows
}

// AlertRecord is what the state keeps of one alert.
type AlertRecord struct {
	ID          string
	Rule        RuleID
	State       AlertState
	Revision    uint64
	Severity    Severity
	Provisional bool
	Raised      Time
	Closing     Closing
	// What it is about, as far as its key says.
	ApprovalSource, Approval string
	Source                   string
	Account                  events.ID
	// Open and Total count its facets.
	Open, Total int
	// Said is what it last said.
	Said string
	// Marks are the operators' words that it bears while it stands.
	Marks []MarkView

	key string
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

// EachApproval calls fn with every approval in key order, until it returns false.
func (v *View) EachApproval(fn func(ApprovalRecord) bool) {
	var keys []approvalKey
	v.s.eachKey(keyApproval, func(k string) bool {
		keys = append(keys, approvalKey(k))
		return true
	})
	for _, k := range v.approvalKeys(keys, func(approvalKey, ApprovalRecord) bool { return true }) {
		if a, ok := v.approvalAt(k); ok && !fn(a) {
			return
		}
	}
}

// Approvals finds the approvals with an id, of one source or, where that is "",
// of any.
func (v *View) Approvals(source, id string) []ApprovalRecord {
	var keys []approvalKey
	if source != "" {
		keys = append(keys, makeApprovalKey(source, id))
	} else {
		v.s.each(indexApprovalID, id, func(source string) bool {
			keys = append(keys, makeApprovalKey(source, id))
			return true
		})
	}
	keys = v.approvalKeys(keys, func(_ approvalKey, a ApprovalRecord) bool { return a.ID == id && (source == "" || a.Source == source) })
	return v.approvals(keys)
}

// ApprovalsFor lists the approvals that one of these ids may use, in key order.
func (v *View) ApprovalsFor(ids []events.ID) []ApprovalRecord {
	var keys []approvalKey
	for _, id := range ids {
		v.s.each(indexConsumer, indexed(id), func(k string) bool {
			keys = append(keys, approvalKey(k))
			return true
		})
	}
	return v.approvals(v.approvalKeys(keys, func(_ approvalKey, a ApprovalRecord) bool {
		return slices.ContainsFunc(a.users, func(id events.ID) bool { return slices.Contains(ids, id) || slices.Contains(ids, v.s.canonical(id)) })
	}))
}

func (v *View) approvals(keys []approvalKey) []ApprovalRecord {
	var out []ApprovalRecord
	for _, k := range keys {
		if a, ok := v.approvalAt(k); ok {
			out = append(out, a)
		}
	}
	return out
}

// EachAlert calls fn with every alert that was ever published, in key order and those
// that are forgotten last, until it returns false.
func (v *View) EachAlert(fn func(AlertRecord) bool) {
	more := true
	v.s.eachKey(keyLedger, func(k string) bool {
		if l := v.s.ledger(k); l.State != "" {
			more = fn(v.alert(l))
		}
		return more
	})
	if !more || v.past == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(v.past.alerts)) {
		if a := v.past.alerts[id]; !v.told(a) && !fn(a) {
			return
		}
	}
}

// told reports whether the state has an alert that it once forgot.
func (v *View) told(a AlertRecord) bool { return v.s.ledger(a.key).State != "" }

// FacetsOf lists who is a facet of an alert: accesses, and approvals or sources
// where it is about them; open ones first.
func (v *View) FacetsOf(alert AlertRecord) (accesses []AccessView, approvals []ApprovalRecord) {
	accesses, approvals, _ = v.FacetsUpTo(alert, math.MaxInt)
	return accesses, approvals
}

// FacetsUpTo lists the first of them; more: there are others.
func (v *View) FacetsUpTo(alert AlertRecord, most int) (accesses []AccessView, approvals []ApprovalRecord, more bool) {
	var owners []string
	seen := map[string]bool{}
	add := func(owner string) bool {
		if more = len(owners) == most && !seen[owner]; !more && !seen[owner] {
			seen[owner] = true
			owners = append(owners, owner)
		}
		return !more
	}
	prefix := prefixOf(indexFacet, alert.key)
	v.s.st.Scan(prefix, nil, func(k, _ []byte) bool { return add(string(k[len(prefix)+10:])) })
	if v.past != nil && !more {
		for _, owner := range slices.Sorted(maps.Keys(v.past.facets[alert.ID])) {
			if !add(owner) {
				break
			}
		}
	}
	for _, o := range owners {
		switch o[:1] {
		case ownAccess:
			if a, ok := v.accessAt(accessKey(o[1:])); ok {
				accesses = append(accesses, a)
			}
		case ownApproval:
			if a, ok := v.approvalAt(approvalKey(o[1:])); ok {
				approvals = append(approvals, a)
			}
		}
	}
	return accesses, approvals, more
}

// eachKey calls fn with what follows the class letter, in order. Keys are
// collected first, so that fn may read.
func (w *Working) eachKey(class string, fn func(rest string) bool) {
	var keys []string
	w.st.Scan([]byte(class), nil, func(k, _ []byte) bool {
		keys = append(keys, string(k[len(class):]))
		return true
	})
	for _, k := range keys {
		if !fn(k) {
			return
		}
	}
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
		view := windowView(cv.Window)
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

func (v *View) approval(a *approval) ApprovalRecord {
	st := a.fold()
	out := ApprovalRecord{
		Kind: st.Kind, Requester: st.Requester, Consumers: st.users(), DecidedBy: st.DecidedBy, Scopes: st.Scopes, Ticket: st.Ticket,
		Granted: st.Granted, Accesses: a.Granted, Open: a.Open, Sealed: a.SealRev, Alerts: alertsOf(&a.verdict), users: st.consumerIDs(),
	}
	out.Source, out.ID = a.Key.split()
	for _, w := range st.Windows {
		out.Windows = append(out.Windows, windowView(w))
	}
	for _, act := range a.Acts {
		out.Facts = append(out.Facts, Fact{What: "approval " + act.What, At: act.T, Event: act.ID, Seq: act.Seq, Expiry: act.End})
	}
	return out
}

func (v *View) alert(l *ledger) AlertRecord {
	p := partsOf(l.Key)
	out := AlertRecord{
		ID: l.ID, Rule: p.Rule, State: l.State, Revision: l.Rev, Severity: l.Severity, Provisional: l.Provisional, Raised: l.RaisedAt,
		Closing: l.LastClosing, Source: p.Source, Account: p.Account, Open: l.Open, Total: l.Open + l.Closed, Said: l.What, key: l.Key,
	}
	out.ApprovalSource, out.Approval = p.Approval.split()
	if l.standing() {
		out.Marks = v.s.marksOf(l)
	}
	return out
}

func alertsOf(v *verdict) []string {
	var out []string
	for _, f := range v.Facets {
		if id := alertID(f.Alert); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
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

// Policy is the hash of the policy that the view reads by.
func (v *View) Policy() string { return v.s.pol.Hash }

// InEntitlement reports whether a scope is a name of the right that the policy calls
// so, and whether there is one that it calls so.
func (v *View) InEntitlement(name string, s events.Scope) (in, known bool) {
	for i := range v.s.pol.Entitlements {
		if e := &v.s.pol.Entitlements[i]; e.Name == name {
			_, in = e.level(s)
			return in, true
		}
	}
	return false, false
}

// Entitlements are the names of the rights that the policy names.
func (v *View) Entitlements() []string {
	var out []string
	for _, e := range v.s.pol.Entitlements {
		out = append(out, e.Name)
	}
	return out
}

// Grace is how much longer than its window an access of a kind may last unremarked.
func (v *View) Grace(kind events.AccessKind) time.Duration { return v.s.pol.Grace.Of(kind) }

// WithoutConnector lists the systems in which the rights of these scopes exist, by
// their names and through the entitlements, and that no connector has spoken of.
func (v *View) WithoutConnector(scopes []events.Scope) []string { return v.s.unseen(scopes) }
