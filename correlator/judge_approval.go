package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// ApprovalCase is everything a rule may look at to judge one approval.
type ApprovalCase struct {
	Now    Time
	Policy *Policy
	Source string
	ID     string
	// Kind, Windows and the other terms are the approval as its acts fold now.
	approvalState
	// Acts are what was said of it, in order.
	Acts []approvalAct
	// Decisions are those of its acts that say who decided.
	Decisions []Decision
	// Read: every system in which the right exists is read by some source, and
	// AccessesFrom is from when on what they say of accesses is complete.
	Read         bool
	AccessesFrom Time
	// Closures are when all that it granted was closed, as of ClosedAt; nil while
	// something is open.
	Closures []closure
	ClosedAt Time
	// Accesses counts what it granted, Open what of that is open.
	Accesses, Open int

	key approvalKey
}

// Decision is one act by which an approval was granted or extended.
type Decision struct {
	At Time
	// By decided or voted for it, and is User, who asked for it or may use it, at
	// the time of the decision; both are "" where nobody decided for themselves.
	By, User events.ID
	// Asked: User asked for it; else may use it.
	Asked bool
}

// decisions folds the acts into who decided and whether it was for themselves. A
// vote while it was pending counts with the grant.
func (s *step) decisions(a *approval) []Decision {
	var out []Decision
	var votes []events.ID
	st := approvalState{key: a.Key}
	for _, act := range a.Acts {
		st.play(act)
		switch act.What {
		case "requested", "altered":
			if !st.Granted {
				votes = append(votes, act.Approvers...)
			}
			continue
		case "granted", "activated", "extended":
			out = append(out, s.decision(act, append(votes, act.deciders()...), st.terms))
		}
		votes = nil
	}
	return out
}

// decision finds who among the deciders is one person with a user of the terms.
func (s *step) decision(act approvalAct, by []events.ID, t terms) Decision {
	d := Decision{At: act.decided()}
	for _, who := range by {
		person := s.person(who, d.At)
		if t.Requester != "" && slices.Contains(person, s.canonical(t.Requester)) {
			d.By, d.User, d.Asked = who, t.Requester, true
			return d
		}
		for _, user := range t.Consumers {
			if d.By == "" && slices.Contains(person, s.canonical(user)) {
				d.By, d.User = who, user
			}
		}
	}
	return d
}

// judgeApproval keeps count of the windows in force, judges the approval itself
// and seals the chain of one that is over.
func (s *step) judgeApproval(b *room, owner string) {
	k := approvalKey(owner[1:])
	a := s.approval(k)
	if a == nil {
		return
	}
	s.changed[owner] = true
	st := a.fold()
	end := st.end()
	active := st.Granted && end > s.now()
	if active != a.Active {
		a.Active = active
		if active {
			s.meta.ActiveWindows++
		} else {
			s.meta.ActiveWindows--
		}
		if s.meta.ActiveWindows <= 1 {
			for _, uri := range s.sourcesKnown() {
				s.touch(ownSource + uri)
			}
		}
	}
	s.setUnused(a, st)
	if spent := s.enabled(&ruleStandingPath) && s.spent(k); spent != a.Spent {
		a.Spent = spent
		s.touchAll(indexPath, string(k))
	}
	wake := Forever
	if active {
		wake = end
	}
	v := s.judgeSeal(a, st, end)
	if active || a.Open > 0 {
		a.Closures, a.ClosedAt = nil, 0
	}
	told, waits := s.judgeTerms(b, owner, a, st)
	s.rest(owner, &a.verdict, min(wake, told, v.wake), append(waits, v.waits...))
	if since, over := a.over(st, s.now()); over {
		source, _ := k.split()
		s.setExpiry(owner, &a.Expire, s.leaves(source, since, a.News))
	}
}

// judgeTerms applies the rules about approvals themselves.
func (s *step) judgeTerms(b *room, owner string, a *approval, st *approvalState) (wake Time, waits []wait) {
	source, id := a.Key.split()
	j := judged{room: b, verdict: &a.verdict, owner: owner, source: source}
	rules := s.rulesOn().approval
	if len(rules) == 0 {
		return s.conclude(j, nil, nil)
	}
	c := &ApprovalCase{
		Now: s.now(), Policy: s.pol, Source: source, ID: id, approvalState: *st, Acts: a.Acts,
		Accesses: a.Granted, Open: a.Open, key: a.Key,
	}
	c.Closures, c.ClosedAt = a.Closures, a.ClosedAt
	if s.enabled(&ruleSelfApproval) {
		c.Decisions = s.decisions(a)
	}
	awaited := s.awaited(source)
	if s.enabled(&ruleUnused) || s.enabled(&ruleClosureSkew) {
		awaited = s.seeAccesses(c, awaited)
	}
	var findings []Finding
	for _, r := range rules {
		findings = append(findings, r.graded(r.approval(c))...)
	}
	for i := range findings {
		findings[i].Approval = a.Key
	}
	j.seen = c
	return s.conclude(j, findings, awaited)
}

// seeSystem notes that a source speaks of a system. Under an approval for it nothing
// could be called unused before.
func (s *step) seeSystem(system string) {
	if s.markKind(indexSystem, system) && s.enabled(&ruleUnused) {
		s.rejudge()
	}
}

// accessOrNew is the record of an access, new if need be. A source that has told of
// none yet is one more to tell by whether something was used.
func (s *step) accessOrNew(k accessKey) *access {
	if !s.enabled(&ruleUnused) {
		return s.Working.accessOrNew(k)
	}
	r := s.source(k.source())
	known := r != nil && r.Accesses
	x := s.Working.accessOrNew(k)
	if !known {
		s.rejudge()
	}
	return x
}

// seeAccesses finds out whether absence of access can be told, and adds the sources
// of accesses to those that are awaited: each could still tell of some.
func (s *step) seeAccesses(c *ApprovalCase, awaited []string) []string {
	c.Read = len(c.Scopes) > 0 && len(s.unseen(c.Scopes)) == 0
	for _, uri := range s.sourcesKnown() {
		r := s.source(uri)
		if r == nil || !r.Accesses {
			continue
		}
		c.AccessesFrom = max(c.AccessesFrom, r.coverage())
		if s.attests(uri) {
			awaited = append(awaited, uri)
		}
	}
	slices.Sort(awaited)
	return slices.Compact(awaited)
}

// condition is what the policy's conditions see of the approval.
func (c *ApprovalCase) condition() ConditionInput {
	in := ConditionInput{Kind: "approval", Source: c.Source, ID: c.ID, Subject: string(c.Requester)}
	for _, id := range c.users() {
		in.Person = append(in.Person, string(id))
	}
	if len(c.Scopes) > 0 {
		sc := c.Scopes[0]
		in.System, in.Resource, in.Role, in.Level = sc.System, sc.Resource, sc.Role, sc.Level
	}
	return in
}
