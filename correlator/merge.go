package correlator

import (
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

func (s *step) applyApproval(ev events.Event, d *events.Approval) bool {
	if d.Effect != events.Done {
		return false
	}
	k := makeApprovalKey(ev.Source, d.ApprovalID)
	a := s.approval(k)
	if a == nil {
		a = &approval{Key: k}
		s.approvals[k] = a
		s.st.Put(key(indexApprovalID, d.ApprovalID, ev.Source), []byte{})
		if s.markKind(indexApprovers, ev.Source) {
			s.rejudge() // what seemed to lie beyond every record of approvals may not
		}
		s.meta.Counts.Approvals++
	}
	act := approvalAct{
		T: At(ev.Time), ID: eventRef(ev), Seq: s.msg.Origin.Seq, What: ev.Type.What(),
		Requester: d.Requester, Consumers: d.Consumers, Scopes: d.Scopes,
		DecidedAt: At(d.DecidedAt), DecidedBy: d.DecidedBy, Kind: d.Kind,
		Review: At(d.NextReview), Ticket: d.Ticket, Unc: s.uncertainty(ev),
	}
	if act.Requester == "" {
		act.Requester = ev.Subject
	}
	if act.DecidedBy == "" && ev.Type == events.ApprovalGranted {
		act.DecidedBy = lastApprover(d.Approvers)
	}
	if w := d.Window; w != nil {
		act.Start, act.End, act.EndKind = At(w.Start), At(w.End), w.EndKind
		act.Basis, act.Duration = w.Basis, w.Duration.Std()
	}
	changed := a.addAct(act)
	s.changed[ownApproval+string(k)] = true
	if s.aliases(ev, ev.Subject, d.Aliases) {
		changed = true
	}
	if !changed {
		return false
	}
	s.indexApproval(a)
	s.touchApproval(k)
	s.touchUnder(a)
	return true
}

// lastApprover is whose vote made the grant, where the record does not say who
// decided: the last that approved.
func lastApprover(votes []events.Vote) events.ID {
	var by events.ID
	for _, v := range votes {
		if v.Decision == "approved" {
			by = v.By
		}
	}
	return by
}

// indexApproval lists the approval under everybody who may use it.
func (s *step) indexApproval(a *approval) {
	st := a.fold()
	now := st.consumerIDs()
	for _, id := range a.Indexed {
		s.st.Delete(key(indexConsumer, indexed(id), string(a.Key)))
	}
	for _, id := range now {
		s.st.Put(key(indexConsumer, indexed(id), string(a.Key)), []byte{})
	}
	// Who lost the approval must be judged again as well as who has it.
	a.Indexed = unite(a.Indexed, now, func(x, y events.ID) bool { return x < y }, 2*events.MaxConsumers)
}

// touchUnder judges every access that the approval may bear on.
func (s *step) touchUnder(a *approval) {
	_, id := a.Key.split()
	s.touchAll(prefixOf(indexGranted, string(a.Key)))
	s.touchAll(prefixOf(indexRef, id))
	if len(a.Indexed) > 0 {
		s.touchPersons(a.Indexed...)
	}
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
	x := s.accessOrNew(s.resolve(own))
	st.act.ID, st.act.Seq = eventRef(ev), s.msg.Origin.Seq
	if st.act.T == 0 {
		st.act.T = At(ev.Time)
	}
	st.act.Unc = s.uncertainty(ev)
	st.act.Pending = ev.Data.Common().Effect == events.InProgress
	if st.act.Pending && st.act.Kind != actStart {
		return x, false // an end in progress never closes
	}
	before := encodeRecord(x)
	if x.Key == own {
		x.introduce(stamp{st.rank, At(ev.Time), st.act.ID}, ev.Subject, st.scope)
	}
	x.Aliases = uniteIDs(x.Aliases, ev.Data.Common().Aliases)
	var refs []approvalRef
	for _, r := range st.refs {
		refs = append(refs, approvalRef{r.ID, r.Source, r.AssertedBy})
		s.st.Put(key(indexRef, r.ID, string(x.Key)), []byte{})
	}
	x.Refs = unite(x.Refs, refs, lessRef, events.MaxRefs)
	x = s.addParents(ev, x, st.parents)
	if x.Key != own {
		_, _, st.act.Of = own.split()
		if st.act.Kind == actStart {
			st.act.Kind, st.act.Issue = actRenew, true // a reissue continues what it is one of
		}
	}
	x.addAct(st.act)
	s.indexAccess(x)
	if !st.scope.IsZero() {
		s.markKind(indexSystem, st.scope.System)
	}
	if ev.Subject != "" {
		s.aliases(ev, ev.Subject, ev.Data.Common().Aliases)
	}
	s.touchAccess(x.Key)
	return x, string(before) != string(encodeRecord(x))
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
	x := s.accessOrNew(s.resolve(makeAccessKey(kind, ev.Source, id)))
	s.touchAccess(x.Key)
	return x.addAct(act{T: At(ev.Time), Kind: actVoid, ID: eventRef(ev), Seq: s.msg.Origin.Seq})
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
		s.st.Delete(key(indexSubject, indexed(old), string(x.Key)))
	}
	s.st.Put(key(indexSubject, indexed(x.Subject), string(x.Key)), []byte{})
	x.Indexed = []events.ID{x.Subject}
}

// resolve follows a reissue to the access that it continues.
func (s *step) resolve(k accessKey) accessKey {
	for range maxLineage {
		b := s.st.Get(key(indexAlias, string(k)))
		if b == nil {
			break
		}
		k = accessKey(b)
	}
	return k
}

// addParents notes the edges upward. A reissue of the same right is not a second
// access: it continues the first under the first one's key.
func (s *step) addParents(ev events.Event, x *access, parents []events.Parent) *access {
	var refs []parentRef
	for _, p := range parents {
		k := s.resolve(makeAccessKey(p.Kind, sourceOf(p.Source, ev), p.ID))
		if k == x.Key {
			continue
		}
		refs = append(refs, parentRef{k, p.Edge})
		s.st.Put(key(indexChild, string(k), string(x.Key)), []byte{})
	}
	x.Parents = unite(x.Parents, refs, lessParent, events.MaxParents)
	for _, p := range x.Parents {
		if root := s.access(p.Key); p.Edge == events.EdgeReissue && root != nil && root.Scope == x.Scope && !x.Scope.IsZero() {
			return s.mergeInto(root, x)
		}
	}
	// A child may have been read before the access that it continues.
	var children []accessKey
	s.scanSuffix(indexChild, string(x.Key), func(c string) bool {
		children = append(children, accessKey(c))
		return len(children) < stepBudget
	})
	for _, c := range children {
		child := s.access(c)
		if child == nil || child.Key == x.Key || child.Scope != x.Scope || x.Scope.IsZero() {
			continue
		}
		for _, p := range child.Parents {
			if p.Key == x.Key && p.Edge == events.EdgeReissue {
				s.mergeInto(x, child)
				break
			}
		}
	}
	return x
}

// mergeInto makes child a part of root: its facts move, and its id leads there.
func (s *step) mergeInto(root, child *access) *access {
	s.changed[ownAccess+string(root.Key)] = true
	_, _, id := child.Key.split()
	for _, a := range child.Acts {
		if a.Kind == actStart {
			a.Kind, a.Issue = actRenew, true // the same access, with a new expiry
		}
		if a.Of == "" {
			a.Of = id
		}
		root.addAct(a)
	}
	s.adopt(root, child)
	root.Refs = unite(root.Refs, child.Refs, lessRef, events.MaxRefs)
	root.Aliases = uniteIDs(root.Aliases, child.Aliases)
	for _, p := range child.Parents {
		s.st.Delete(key(indexChild, string(p.Key), string(child.Key)))
		if p.Key != root.Key {
			s.st.Put(key(indexChild, string(p.Key), string(root.Key)), []byte{})
			root.Parents = unite(root.Parents, []parentRef{p}, lessParent, events.MaxParents)
		}
	}
	for _, r := range child.Refs {
		s.st.Delete(key(indexRef, r.ID, string(child.Key)))
		s.st.Put(key(indexRef, r.ID, string(root.Key)), []byte{})
	}
	s.forget(child)
	s.st.Put(key(indexAlias, string(child.Key)), []byte(root.Key))
	s.touchAccess(root.Key)
	return root
}

// adopt makes the children of one access those of another.
func (s *step) adopt(root, former *access) {
	prefix := prefixOf(indexChild, string(former.Key))
	var children []accessKey
	s.st.Scan(prefix, nil, func(k, _ []byte) bool {
		children = append(children, accessKey(k[len(prefix):]))
		return true
	})
	for _, k := range children {
		s.st.Delete(key(indexChild, string(former.Key), string(k)))
		child := s.access(k)
		if child == nil || k == root.Key {
			continue
		}
		for i, p := range child.Parents {
			if p.Key == former.Key {
				child.Parents[i].Key = root.Key
			}
		}
		child.Parents = unite(child.Parents, nil, lessParent, events.MaxParents)
		s.changed[ownAccess+string(k)] = true
		s.st.Put(key(indexChild, string(root.Key), string(k)), []byte{})
		s.touchAccess(k)
	}
}

// forget takes an access out of the state with everything derived from it.
func (s *step) forget(x *access) {
	s.setFacets(ownAccess+string(x.Key), &x.Facets, nil, Ever)
	s.setGranted(x, nil, nil)
	s.setWaits(ownAccess+string(x.Key), x.Waits, nil)
	s.setWake(ownAccess+string(x.Key), &x.Wake, 0)
	s.countJudgement(x, "", false)
	for _, id := range x.Indexed {
		s.st.Delete(key(indexSubject, indexed(id), string(x.Key)))
	}
	s.st.Delete([]byte(keyAccess + string(x.Key)))
	delete(s.changed, ownAccess+string(x.Key))
	s.accesses[x.Key] = nil
}

func (s *step) applySession(ev events.Event, d *events.Session) bool {
	st := statement{kind: events.KindSession, id: d.SessionID, scope: d.Scope, refs: d.Approvals, parents: d.Parents}
	if ev.Type == events.SessionStarted {
		st.rank = rankStart
		st.act = act{Kind: actStart, T: At(d.Start)}
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
	by := stamp{st.rank, At(ev.Time), eventRef(ev)}
	if d.Credential != "" && (x.Credential == "" || !by.less(x.Said)) {
		x.Credential = d.Credential
	}
	// Whether it can be revoked may change: the latest word holds, whoever tells.
	if by.Rank = 0; d.Revocable != nil && !by.less(x.RevocableBy) {
		x.Revocable, x.RevocableBy = d.Revocable, by
	}
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
	k := s.resolve(makeAccessKey(ref.Kind, sourceOf(ref.Source, ev), ref.ID))
	x := s.accessOrNew(k)
	if x.Subject == "" && ev.Subject != "" {
		x.introduce(stamp{rankMention, a.T, a.ID}, ev.Subject, events.Scope{})
		s.indexAccess(x)
	}
	a.Seq, a.Unc = s.msg.Origin.Seq, s.uncertainty(ev)
	changed := x.addAct(a)
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
		// else a refusal is a claim.
		a.Kind, a.Basis = actProbed, Verified
		if sourceOf(d.Access.Source, ev) != ev.Source {
			a.Kind, a.Basis = actEnd, Claimed
		}
	default:
		return false
	}
	return s.applySign(ev, d.Access, a)
}

// applyPolicy puts a policy in force and judges everything under it.
func (s *step) applyPolicy(p *Policy) bool {
	if p == nil || s.meta.Policy == p.Hash {
		return false
	}
	s.meta.Policy = p.Hash
	s.pol = p
	s.addJob(job{Kind: jobPolicy, Prefix: keyAccess})
	return true
}

// applyObservation takes in what the engine saw.
func (s *step) applyObservation(_ events.Event, d *events.Observation) bool {
	if d.What == events.ObservedQuarantined && d.Source != "" {
		r := s.sourceOrNew(d.Source)
		r.Quarantined = s.now()
		s.touch(ownSource + d.Source)
		return true
	}
	return false
}

// applyMark takes in an operator's word. A confirmation that names the rule
// "clock" releases a held jump of the clock.
func (s *step) applyMark(ev events.Event, d *events.Mark) bool {
	if ev.Type == events.OperatorConfirmed && d.Selector.Rule == "clock" {
		s.release()
		return true
	}
	return false
}
