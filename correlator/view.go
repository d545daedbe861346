package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// View reads a state as a reviewer does: whole accesses and approvals, with what
// was derived of them and the evidence for each, as the policy has it. It changes
// nothing. A view is of one moment: after the next step a new one is needed.
type View struct{ s *step }

// NewView reads a state as it was stored.
func NewView(st State, pol *Policy) *View { return &View{look(st, pol)} }

// View reads what a run of messages has made of the state so far.
func (w *Working) View(pol *Policy) *View { return &View{w.newStep(pol, Message{})} }

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
	Covers []CoverView
	Gaps   []GapView
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
}

// EachAccess calls fn with every access in key order, until it returns false.
func (v *View) EachAccess(fn func(AccessView) bool) {
	v.s.eachKey(keyAccess, func(k string) bool {
		x := v.s.access(accessKey(k))
		return x == nil || fn(v.access(x))
	})
}

// Access finds one access by the id that its source gives it, also one that it
// was issued again as.
func (v *View) Access(kind events.AccessKind, source, id string) (AccessView, bool) {
	x := v.s.access(v.s.resolve(makeAccessKey(kind, source, id)))
	if x == nil {
		return AccessView{}, false
	}
	return v.access(x), true
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
	keys := make([]accessKey, 0, len(seen))
	for k := range seen {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var out []AccessView
	for _, k := range keys {
		x := v.s.access(k)
		if x != nil && slices.Contains(ids, x.Subject) || x != nil && slices.Contains(ids, v.s.canonical(x.Subject)) {
			out = append(out, v.access(x))
		}
	}
	return out
}

// GrantedBy lists the accesses that an approval granted, in key order.
func (v *View) GrantedBy(source, approval string) []AccessView {
	var keys []accessKey
	v.s.each(indexGranted, string(makeApprovalKey(source, approval)), func(k string) bool {
		keys = append(keys, accessKey(k))
		return true
	})
	var out []AccessView
	for _, k := range keys {
		if x := v.s.access(k); x != nil {
			out = append(out, v.access(x))
		}
	}
	return out
}

// EachApproval calls fn with every approval in key order, until it returns false.
func (v *View) EachApproval(fn func(ApprovalRecord) bool) {
	v.s.eachKey(keyApproval, func(k string) bool {
		a := v.s.approval(approvalKey(k))
		return a == nil || fn(v.approval(a))
	})
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
	slices.Sort(keys)
	return v.approvals(slices.Compact(keys))
}

func (v *View) approvals(keys []approvalKey) []ApprovalRecord {
	var out []ApprovalRecord
	for _, k := range keys {
		if a := v.s.approval(k); a != nil {
			out = append(out, v.approval(a))
		}
	}
	return out
}

// EachAlert calls fn with every alert that was ever published, in key order,
// until it returns false.
func (v *View) EachAlert(fn func(AlertRecord) bool) {
	v.s.eachKey(keyLedger, func(k string) bool {
		l := v.s.ledger(k)
		return l.State == "" || fn(v.alert(l))
	})
}

// FacetsOf lists who is a facet of an alert: accesses, and approvals or sources
// where it is about them; open ones first.
func (v *View) FacetsOf(alert AlertRecord) (accesses []AccessView, approvals []ApprovalRecord) {
	v.s.eachKey(keyLedger, func(k string) bool {
		if alertID(k) != alert.ID {
			return true
		}
		prefix := prefixOf(indexFacet, k)
		var owners []string
		v.s.st.Scan(prefix, nil, func(fk, _ []byte) bool {
			owner := string(fk[len(prefix)+10:])
			if !slices.Contains(owners, owner) {
				owners = append(owners, owner)
			}
			return true
		})
		for _, o := range owners {
			switch o[:1] {
			case ownAccess:
				if x := v.s.access(accessKey(o[1:])); x != nil {
					accesses = append(accesses, v.access(x))
				}
			case ownApproval:
				if a := v.s.approval(approvalKey(o[1:])); a != nil {
					approvals = append(approvals, v.approval(a))
				}
			}
		}
		return false
	})
	return accesses, approvals
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
		Credential: x.Credential, Judgement: judgementOf(c), Alerts: alertsOf(&x.verdict),
	}
	for _, p := range x.Parents {
		kind, source, id := p.Key.split()
		out.Parents = append(out.Parents, ParentView{kind, source, id, p.Edge})
	}
	for _, r := range x.Refs {
		out.Refs = append(out.Refs, RefView(r))
	}
	for _, st := range c.Stretches {
		out.Stretches = append(out.Stretches, v.stretch(x, st))
	}
	for _, a := range x.Acts {
		out.Facts = append(out.Facts, Fact{
			What: string(c.Kind) + " " + string(a.Kind), At: a.T, Lo: a.Lo, Event: a.ID, Seq: a.Seq,
			Expiry: a.Exp, Basis: a.Basis, Note: a.Note,
		})
	}
	return out
}

func (v *View) stretch(x *access, st Stretch) StretchView {
	out := StretchView{
		Start: st.Start, StartLo: st.StartLo, End: st.End, EndLo: st.EndLo, Basis: st.Basis, Cause: st.Cause, Claim: st.Claim,
		LastAlive: st.LastAlive, LastUse: st.LastUse, Expiry: st.Expiry, ExpiryKind: st.ExpiryKind,
		Person: v.s.person(v.s.rootSubject(x), st.Start), StartEvent: st.StartID, EndEvent: st.EndID,
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
		Granted: st.Granted, Accesses: a.Granted, Open: a.Open, Sealed: a.SealRev, Alerts: alertsOf(&a.verdict),
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
		Closing: l.LastClosing, Source: p.Source, Account: p.Account, Open: l.Open, Total: l.Open + l.Closed, Said: l.What,
	}
	out.ApprovalSource, out.Approval = p.Approval.split()
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

// Grace is how much longer than its window an access of a kind may last unremarked.
func (v *View) Grace(kind events.AccessKind) time.Duration { return v.s.pol.Grace.Of(kind) }

// WithoutConnector lists the systems in which the rights of these scopes exist, by
// their names and through the entitlements, and that no connector has spoken of.
func (v *View) WithoutConnector(scopes []events.Scope) []string { return v.s.unseen(scopes) }
