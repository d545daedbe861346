package correlator

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
	// Accesses counts what it granted, Open what of that is open.
	Accesses, Open int

	key approvalKey
}

// judgeApproval keeps count of the windows in force, judges the approval itself
// and seals the chain of one that is over.
func (s *step) judgeApproval(k approvalKey) {
	a := s.approval(k)
	if a == nil {
		return
	}
	s.changed[ownApproval+string(k)] = true
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
	wake := Forever
	if active {
		wake = end
	}
	v := s.judgeSeal(a, st, end)
	told, waits := s.judgeTerms(a, st)
	s.rest(ownApproval+string(k), &a.verdict, min(wake, told, v.wake), append(waits, v.waits...))
}

// judgeTerms applies the rules about approvals themselves.
func (s *step) judgeTerms(a *approval, st approvalState) (wake Time, waits []wait) {
	source, id := a.Key.split()
	c := &ApprovalCase{
		Now: s.now(), Policy: s.pol, Source: source, ID: id, approvalState: st, Acts: a.Acts,
		Accesses: a.Granted, Open: a.Open, key: a.Key,
	}
	var findings []Finding
	for _, r := range Rules() {
		if r.approval != nil && s.enabled(r) {
			findings = append(findings, r.graded(r.approval(c))...)
		}
	}
	for i := range findings {
		findings[i].Approval = a.Key
	}
	j := judged{verdict: &a.verdict, owner: ownApproval + string(a.Key), source: source, seen: c.condition()}
	return s.conclude(j, findings, s.awaited(source))
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

// sourcesKnown lists every source, in order.
func (s *step) sourcesKnown() []string {
	var out []string
	s.st.Scan([]byte(keySource), nil, func(k, _ []byte) bool {
		out = append(out, string(k[1:]))
		return true
	})
	return out
}
