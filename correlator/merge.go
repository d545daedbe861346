package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// uncertainty is how far an event's time may be off.
func (s *step) uncertainty(ev events.Event) time.Duration {
	u := s.uncertaintyOf(ev.Source)
	if q := ev.Data.Common().TimeQuality; q != nil {
		u += q.Uncertainty.Std()
	}
	return u
}

// sourceOf is the stated source, or the event's own.
func sourceOf(stated string, ev events.Event) string {
	if stated != "" {
		return stated
	}
	return ev.Source
}

// statement is what the access events have in common.
type statement struct {
	kind    events.AccessKind
	id      string
	rank    int // how much the event knows: a start introduces best
	scope   events.Scope
	refs    []events.ApprovalRef
	parents []events.Parent
	act     act
}

// ranks of statements that introduce an access.
const (
	rankMention  = 0 // a renewal, an end
	rankSnapshot = 1
	rankStart    = 2
)

// state merges one statement about an access.
func (s *step) state(ev events.Event, st statement) (*access, bool) {
	own := makeAccessKey(st.kind, ev.Source, st.id)
	st.act.ID, st.act.Seq = eventRef(ev), s.msg.Origin.Seq
	if st.act.T == 0 {
		st.act.T = At(ev.Time)
	}
	x := s.accessFor(s.resolve(own), ev, st.act.T)
	if x == nil {
		return nil, false
	}
	st.act.Unc = s.uncertainty(ev)
	st.act.Pending = ev.Data.Common().Effect == events.InProgress
	if st.act.Pending && st.act.Kind != actStart {
		return x, false // an end in progress never closes
	}
	was, merged := *x, x
	if x.Key == own {
		x.introduce(stamp{st.rank, At(ev.Time), st.act.ID}, ev.Subject, st.scope)
	}
	x.Aliases = uniteIDs(x.Aliases, ev.Data.Common().Aliases)
	var refs []approvalRef
	for _, r := range st.refs {
		refs = append(refs, approvalRef{r.ID, r.Source, r.AssertedBy})
		s.enlist(indexRef, r.ID, string(x.Key))
	}
	x.Refs = unite(x.Refs, refs, lessRef, events.MaxRefs)
	x = s.addParents(ev, x, st.parents)
	if x.Key != own {
		_, _, st.act.Of = own.split()
		if st.act.Kind == actStart {
			st.act.Kind, st.act.Issue = actRenew, true // a reissue continues what it is one of
		}
	}
	learned := s.learn(x, st.act)
	if x.Subject != was.Subject || x.Scope != was.Scope {
		s.noteBornLate(x)
	}
	s.indexAccess(x)
	if !st.scope.IsZero() {
		s.seeSystem(st.scope.System)
	}
	if ev.Subject != "" {
		s.aliases(ev, ev.Subject, ev.Data.Common().Aliases)
	}
	s.touchAccess(x.Key)
	return x, learned || x != merged || x.saysOther(was)
}

// learn merges an act in, and notes when something new was heard of the access.
func (s *step) learn(x *access, a act) bool {
	var before []act
	if s.showDeparted && len(x.Acts) >= maxRun {
		before = append(slices.Clone(x.Acts), a)
	}
	if !x.addAct(a) {
		return false
	}
	s.departsFacts(x, before)
	x.News = s.now()
	return true
}

// void takes in that something in progress failed: it cancels the grant of the
// same operation. A failure of nothing that is known changes nothing.
func (s *step) void(ev events.Event) bool {
	var kind events.AccessKind
	var id string
	switch d := ev.Data.(type) {
	case *events.Session:
		kind, id = events.KindSession, d.SessionID
	case *events.Lease:
		kind, id = events.KindLease, d.LeaseID
	case *events.Membership:
		kind, id = events.KindMembership, events.MembershipID(ev.Subject, d.Scope, d.Path)
	}
	if id == "" || ev.Data.Common().OperationID == "" {
		return false
	}
	x := s.accessFor(s.resolve(makeAccessKey(kind, ev.Source, id)), ev, At(ev.Time))
	if x == nil {
		return false
	}
	s.touchAccess(x.Key)
	return s.learn(x, act{T: At(ev.Time), Kind: actVoid, ID: eventRef(ev), Seq: s.msg.Origin.Seq})
}

// indexAccess lists the access under its subject.
func (s *step) indexAccess(x *access) {
	if x.Subject == "" {
		return
	}
	if len(x.Indexed) == 1 && x.Indexed[0] == x.Subject {
		return
	}
	for _, old := range x.Indexed {
		s.delist(indexSubject, indexed(old), string(x.Key))
	}
	s.enlist(indexSubject, indexed(x.Subject), string(x.Key))
	x.Indexed = []events.ID{x.Subject}
}

func (s *step) applySession(ev events.Event, d *events.Session) bool {
	st := statement{kind: events.KindSession, id: d.SessionID, scope: d.Scope, refs: d.Approvals, parents: d.Parents}
	if ev.Type == events.SessionStarted {
		st.rank = rankStart
		st.act = act{Kind: actStart, T: At(d.Start), Interactive: d.Interactive != nil && *d.Interactive}
		if !d.ScheduledEnd.IsZero() {
			st.act.Exp, st.act.ExpKind = At(d.ScheduledEnd), events.ExpiryExact
		}
	} else {
		st.act = endAct(d.End, Observed, events.CauseClosed)
	}
	_, changed := s.state(ev, st)
	if ev.Type == events.SessionEnded && !d.Start.IsZero() {
		// The end of a session often tells its start; the start event may have
		// been before our time.
		start := statement{kind: events.KindSession, id: d.SessionID, scope: d.Scope, refs: d.Approvals, act: act{Kind: actStart, T: At(d.Start)}}
		if _, more := s.state(ev, start); more {
			changed = true
		}
	}
	return changed
}

// endAct makes an act of a stated end, with what holds where nothing is stated.
func endAct(e *events.End, basis Basis, cause events.EndCause) act {
	a := act{Kind: actEnd, Basis: basis, Cause: cause}
	if e == nil {
		return a
	}
	a.Basis, a.T, a.Lo = Basis(e.Basis), At(e.At), At(e.LastAlive)
	if e.Cause != "" {
		a.Cause = e.Cause
	}
	return a
}

func (s *step) applyLease(ev events.Event, d *events.Lease) bool {
	st := statement{kind: events.KindLease, id: d.LeaseID, scope: d.Scope, refs: d.Approvals, parents: d.Parents}
	switch ev.Type {
	case events.LeaseIssued:
		st.rank, st.act = rankStart, act{Kind: actStart}
	case events.LeaseRenewed:
		st.act = act{Kind: actRenew}
	case events.LeaseRevoked:
		st.act = endAct(d.End, Claimed, events.CauseRevoked)
	case events.LeaseExpired:
		st.act = endAct(d.End, Observed, events.CauseExpired)
	case events.LeaseRevocationFailed:
		st.act = act{Kind: actFailed, Note: d.Error}
	}
	if d.Expiry != nil && st.act.Kind != actEnd {
		st.act.Exp, st.act.ExpKind = At(d.Expiry.At), d.Expiry.Kind
	}
	x, changed := s.state(ev, st)
	if x == nil {
		return false
	}
	by := stamp{st.rank, At(ev.Time), eventRef(ev)}
	x.isOfKind(d.Credential, by)
	x.isRevocable(d.Revocable, by)
	return changed
}

func (s *step) applyMembership(ev events.Event, d *events.Membership) bool {
	if d.State == "eligible" {
		return false // the right to ask is not access
	}
	st := statement{
		kind: events.KindMembership, id: events.MembershipID(ev.Subject, d.Scope, d.Path),
		scope: d.Scope, refs: d.Approvals, rank: rankStart,
	}
	if ev.Type == events.MembershipAdded {
		st.act = act{Kind: actStart}
		if !d.ScheduledEnd.IsZero() {
			st.act.Exp, st.act.ExpKind = At(d.ScheduledEnd), events.ExpiryExact
		}
	} else {
		st.rank = rankMention
		st.act = endAct(d.End, Observed, events.CauseRemoved)
	}
	_, changed := s.state(ev, st)
	return changed
}

// applySign merges a sign of life of an access that may not be known yet. Without
// an introduction, which tells subject and scope, it is kept and not judged.
func (s *step) applySign(ev events.Event, ref events.AccessRef, a act) bool {
	own := makeAccessKey(ref.Kind, sourceOf(ref.Source, ev), ref.ID)
	k := s.resolve(own)
	x := s.accessFor(k, ev, a.T)
	if x == nil {
		return false
	}
	if k != own {
		a.Of = ref.ID // as if it had been read before that was known to be a reissue
	}
	if x.Subject == "" && ev.Subject != "" {
		x.introduce(stamp{rankMention, a.T, a.ID}, ev.Subject, events.Scope{})
		s.indexAccess(x)
	}
	a.Seq, a.Unc = s.msg.Origin.Seq, s.uncertainty(ev)
	changed := s.learn(x, a)
	s.touchAccess(k)
	return changed
}

func (s *step) applyProbe(ev events.Event, d *events.Probe) bool {
	a := act{T: At(ev.Time), ID: eventRef(ev)}
	switch d.Result {
	case "alive":
		a.Kind = actAlive
	case "refused":
		// Only who keeps the access can verify that it is gone; from anybody
		// else a refusal is a claim, unless the policy trusts its probes.
		a.Kind, a.Basis = actProbed, Verified
		if sourceOf(d.Access.Source, ev) != ev.Source {
			a.Kind, a.Basis, a.Prober = actEnd, Claimed, ev.Source
		}
	default:
		return false
	}
	return s.applySign(ev, d.Access, a)
}
