package correlator

import "github.com/overstay/overstay/events"

// A new policy takes over what is open, and leaves what was over as it was judged. A
// job judges everything under it, a bounded amount at each tick. How far that has got
// shows in no verdict: what has not been judged under the policy in force is, before
// anything new is learned of it. So nothing is taken for a fact's doing that is the
// policy's, nor the other way round.

// applyPolicy puts a policy in force and judges everything under it.
func (s *step) applyPolicy(ev events.Event, p *Policy) bool {
	if p == nil || s.meta.Policy == p.Hash {
		return false
	}
	s.meta.Policy = p.Hash
	s.meta.PolicyNo++
	s.meta.PolicySince = max(s.now(), At(ev.Time))
	s.pol = p
	s.addJob(job{Kind: jobPolicy, Prefix: keyAccess})
	s.meta.PolicyJob = s.meta.NextJob
	return true
}

// judgeUnder notes that an owner is judged under the policy in force, for the first
// time or again.
func (s *step) judgeUnder(owner string, v *verdict) {
	if v.PolicyNo != s.meta.PolicyNo {
		v.PolicyNo, s.byPolicy[owner] = s.meta.PolicyNo, true
	}
}

// bringUnder judges an owner that was last judged under a former policy, as it was
// before this message, and what depends on it.
func (s *step) bringUnder(owner string) {
	v := s.verdictOf(owner)
	if v == nil || v.PolicyNo == s.meta.PolicyNo {
		return
	}
	s.budget -= s.weightOf(owner)
	s.judge(owner)
	delete(s.byPolicy, owner)
	if owner[:1] == ownAccess {
		s.bringAllUnder(indexChild, owner[1:])
	}
}

// bringAllUnder does so for what an index lists, as far as the step's budget goes. It
// is for while the job is under way; then everything has been judged.
func (s *step) bringAllUnder(class, id string) {
	if s.meta.PolicyJob == 0 {
		return
	}
	var owners []string
	s.each(class, id, func(entry string) bool {
		owners = append(owners, ownerListed(class, entry))
		return len(owners) < s.budget
	})
	for _, owner := range owners {
		if s.budget <= 0 {
			return
		}
		s.bringUnder(owner)
	}
}

// bringPersonsUnder does so for all that these persons hold, decided and own.
func (s *step) bringPersonsUnder(ids ...events.ID) {
	if s.meta.PolicyJob == 0 {
		return
	}
	for _, id := range s.everLinked(ids) {
		for _, class := range []string{indexSubject, indexDecider, indexOwned} {
			s.bringAllUnder(class, indexed(id))
		}
	}
}

// bringGrantedUnder does so for an approval and all that it bears on, before an act that
// may have it bear on more.
func (s *step) bringGrantedUnder(a *approval, act approvalAct) {
	if s.meta.PolicyJob == 0 {
		return
	}
	s.bringUnder(ownApproval + string(a.Key))
	_, id := a.Key.split()
	for _, class := range []string{indexGranted, indexBears, indexPath} {
		s.bringAllUnder(class, string(a.Key))
	}
	s.bringAllUnder(indexRef, id)
	s.bringPersonsUnder(append(append([]events.ID{act.Requester}, act.Consumers...), a.Indexed...)...)
}
