package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

func (s *step) applyApproval(ev events.Event, d *events.Approval) bool {
	if d.Effect != events.Done {
		return false
	}
	act := approvalAct{
		T: At(ev.Time), ID: eventRef(ev), Seq: s.msg.Origin.Seq, What: ev.Type.What(),
		Requester: d.Requester, Consumers: d.Consumers, Scopes: d.Scopes,
		DecidedAt: At(d.DecidedAt), DecidedBy: d.DecidedBy, Kind: d.Kind,
		Review: At(d.NextReview), Ticket: d.Ticket, Reason: d.Reason, Unc: s.uncertainty(ev),
		Approvers: approvers(d.Approvers), Actor: d.Actor,
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
	k := makeApprovalKey(ev.Source, d.ApprovalID)
	a := s.approvalFor(k, ev, act)
	if a == nil {
		return false
	}
	s.bringGrantedUnder(a, act)
	known := s.knownUsers(a, act)
	changed := a.addAct(act)
	s.changed[ownApproval+string(k)] = true
	if s.aliases(ev, ev.Subject, d.Aliases) {
		changed = true
	}
	if !changed {
		return false
	}
	a.News = s.now()
	s.indexApproval(a)
	s.indexDeciders(a, act)
	s.touchApproval(k)
	s.touchUnder(a)
	s.touchNewlyKnown(known)
	return true
}

// approvers are those who voted for it.
func approvers(votes []events.Vote) []events.ID {
	var out []events.ID
	for _, v := range votes {
		if v.Decision == "approved" && !slices.Contains(out, v.By) {
			out = append(out, v.By)
		}
	}
	return out
}

// approvalOrNew is the approval's record; its first makes its source one that
// speaks of approvals.
func (s *step) approvalOrNew(k approvalKey) *approval {
	a := s.approval(k)
	if a != nil {
		return a
	}
	a = &approval{Key: k, SealRev: s.lastRevision(sealID(k.split())), verdict: verdict{PolicyNo: s.meta.PolicyNo}}
	s.enterApproval(a)
	if source, _ := k.split(); s.markKind(indexApprovers, source) {
		s.rejudge() // what seemed to lie beyond every record of approvals may not
	}
	return a
}

// enterApproval puts a record among those that are worked with.
func (s *step) enterApproval(a *approval) {
	source, id := a.Key.split()
	s.approvals.put(a.Key, a)
	s.Working.introduce(ownApproval + string(a.Key))
	s.enlist(indexApprovalID, id, source)
	s.meta.Counts.Approvals++
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
		if !slices.Contains(now, id) {
			s.delist(indexConsumer, indexed(id), string(a.Key))
		}
	}
	for _, id := range now {
		s.enlist(indexConsumer, indexed(id), string(a.Key))
	}
	// Who lost the approval must be judged again as well as who has it.
	a.Indexed = unite(a.Indexed, now, func(x, y events.ID) bool { return x < y }, 2*events.MaxConsumers)
}

// indexDeciders lists the approval under everybody who decided on it: that one of
// them is the one who asked may be read later.
func (s *step) indexDeciders(a *approval, act approvalAct) {
	for _, id := range act.deciders() {
		s.enlist(indexDecider, indexed(id), string(a.Key))
	}
}

// touchUnder judges every access that the approval bears on, or may: what it
// granted or covered, what refers to it, and what its users hold of the rights that
// it names.
func (s *step) touchUnder(a *approval) {
	_, id := a.Key.split()
	s.touchAll(indexGranted, string(a.Key))
	s.touchAll(indexRef, id)
	for _, system := range a.Unused {
		s.touchAll(indexUnresolved, system)
	}
	rights := s.rightsNamed(a)
	for _, who := range s.everLinked(a.Indexed) {
		s.touchWhere(indexSubject, indexed(who), func(k string) bool {
			held, there := s.heldBy(accessKey(k))
			return !there || s.rights.match(s.pol, rights, held) != noMatch
		})
	}
	// Last, since how far back this list goes depends on the horizon, and the order in
	// which alerts are told must not.
	s.touchAll(indexBears, string(a.Key))
}
