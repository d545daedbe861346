package correlator

import (
	"maps"
	"slices"

	"github.com/overstay/overstay/events"
)

// accessFor is the record that a fact of some time about an access belongs to, nil
// where it creates nothing: it is about a time that the access had left behind when
// it left the state, or older than anything is remembered. Such facts are counted.
func (s *step) accessFor(k accessKey, ev events.Event, t Time) *access {
	if s.access(k) == nil && s.forgotten(ev) && s.pastAccess(k) == nil {
		s.late(ev.Source)
		return nil
	}
	x := s.accessSeen(k, t)
	if x == nil {
		s.late(ev.Source)
	}
	return x
}

// accessSeen is accessFor for what needs no counting.
func (s *step) accessSeen(k accessKey, t Time) *access {
	x := s.access(k)
	if x == nil {
		past := s.pastAccess(k)
		switch {
		case past == nil:
			return s.accessOrNew(k)
		case t <= past.Past:
			return nil
		}
		x = s.recall(k)
		s.recallCovers() // it is judged by them
	}
	if x.PolicyNo != s.meta.PolicyNo {
		s.bringUnder(ownAccess + string(k))
	}
	return s.accessOrNew(k)
}

// noteBornLate takes note of an access of which it only now becomes known whose it
// is and of what, and that began long before: approvals that cover it may have left.
func (s *step) noteBornLate(x *access) {
	if x.Acts[0].T.Add(s.horizon()) < s.now() {
		s.bornLate = append(s.bornLate, bornLate{x.Key, x.Acts[0].T})
	}
}

// bornLate is an access that is judged of a time long past, and since when: what
// covered it then may have left.
type bornLate struct {
	access accessKey
	since  Time
}

// forgotten reports whether an event is older than anything is remembered: what it
// speaks of may have been here and gone. How old it is, its source's own record says.
func (s *step) forgotten(ev events.Event) bool {
	r := s.source(ev.Source)
	if r == nil {
		return false
	}
	at := r.Newest
	if s.owesProgress(r) {
		at = r.Progress
	}
	return At(ev.Time).Add(tombstoneFor) < at
}

// late counts a fact that came too late for anything.
func (s *step) late(source string) {
	s.sourceOrNew(source).Late++
	s.meta.Counts.Late++
	s.tooLate = true
}

// pastAccess reads what is kept of an access that has left.
func (s *step) pastAccess(k accessKey) *access {
	if !s.stands(keyPastAccess, string(k)) {
		return nil // as most: a record is large to be made for nothing
	}
	x := &access{}
	if !decodeRecord(s.st.Get([]byte(keyPastAccess+string(k))), x) {
		return nil
	}
	return x
}

func (s *step) pastApproval(k approvalKey) *approval {
	if !s.stands(keyPastApproval, string(k)) {
		return nil
	}
	a := &approval{}
	if !decodeRecord(s.st.Get([]byte(keyPastApproval+string(k))), a) {
		return nil
	}
	return a
}

// putPast keeps something of what has left, or of where an id leads; dropPast ends
// that.
func (w *Working) putPast(class, k string, value []byte) {
	w.setStanding(class, k, true)
	w.st.Put([]byte(class+k), value)
}

func (w *Working) dropPast(class, k string) {
	w.setStanding(class, k, false)
	w.st.Delete([]byte(class + k))
}

// recall brings an access back that has left, with the approvals that it was granted
// under and what it came from: it is judged as it was, and by what is new. It returns
// nil where none has left.
func (s *step) recall(k accessKey) *access {
	if s.access(k) != nil {
		return nil
	}
	x := s.pastAccess(k)
	if x == nil {
		return nil
	}
	owner := ownAccess + string(k)
	s.dropPast(keyPastAccess, string(k))
	s.setExpiry(keyPastAccess+string(k), &x.Expire, 0)
	s.accesses.put(k, x)
	s.introduce(owner)
	s.budget -= s.weightOf(owner) - 1 // before its parents, which come back as far as the budget goes
	s.sourceOrNew(k.source()).Accesses = true
	s.indexAccess(x)
	for _, p := range x.Parents {
		s.enlist(indexChild, string(p.Key), string(k))
		s.delist(indexPastChild, string(p.Key), string(k))
		s.recallParent(p.Key)
	}
	for _, r := range x.Refs {
		s.enlist(indexRef, r.ID, string(k))
	}
	s.recallFacets(owner, &x.verdict)
	for _, name := range x.Granted {
		s.enlist(indexGranted, string(name), string(k))
		if a := s.recallApproval(name); a != nil {
			a.Gone = a.Gone.without(k, len(s.stretchesOf(name, x)))
			a.Outdated = a.Summing != 0
		}
	}
	for _, name := range x.Bears {
		s.enlist(indexBears, string(name), string(k))
		s.recallApproval(name)
	}
	// What it is held for again may have been covered meanwhile.
	s.bornLate = append(s.bornLate, bornLate{k, x.Past})
	x.Past = 0
	s.touchAccess(k)
	return x
}

// recallParent brings back what an access came from, as far as the step's budget
// goes: what is left of a chain without end becomes a job.
func (s *step) recallParent(k accessKey) {
	switch {
	case s.budget > 0:
		s.budget--
		s.recall(k)
	case s.pastAccess(k) != nil:
		s.addJob(job{Kind: jobRecall, Prefix: keyPastAccess + string(k)})
	}
}

// recallAll brings back every access that an index lists: they ended with one that
// turns out to live. What the step's budget does not hold becomes a job.
func (s *step) recallAll(class, id string) {
	if !s.recallSome(class, id) {
		s.addJob(job{Kind: jobRecall, Prefix: class + id})
	}
}

// recallSome reports whether nothing is left to bring back.
func (s *step) recallSome(class, id string) bool {
	if !s.anyListed(class, id) {
		return true
	}
	var found []string
	s.each(class, id, func(k string) bool {
		found = append(found, k)
		return len(found) <= s.budget
	})
	more := false
	for _, k := range found {
		if more = s.budget <= 0; more {
			break
		}
		s.budget--
		if s.recall(accessKey(k)) == nil {
			s.delist(class, id, k) // it is here, or forgotten
		}
	}
	return !more
}

// recallFacets lists facets again under the alerts that still count them.
func (s *step) recallFacets(owner string, v *verdict) {
	var kept []facet
	for _, f := range v.Facets {
		if s.ledger(f.Alert).State == "" {
			continue // the alert is forgotten
		}
		kept = append(kept, f)
		s.st.Put(facetKey(f, owner), []byte{})
	}
	v.Facets = kept
}

// without takes an access's stretches out of the count. How they ended stays a part
// of the sum: it never says more than was known.
func (g *grantedSum) without(k accessKey, stretches int) *grantedSum {
	out := g.clone()
	kind, _, _ := k.split()
	if f, ok := out.Kinds[kind]; ok {
		f.Count = max(0, f.Count-stretches)
		out.Kinds[kind] = f
		if f.Count == 0 {
			delete(out.Kinds, kind)
		}
	}
	return out
}

// approvalFor is the record that an act belongs to, nil where it creates nothing:
// what has left the state knew it already, or it is over and older than anything is
// remembered.
func (s *step) approvalFor(k approvalKey, ev events.Event, act approvalAct) *approval {
	if a := s.approval(k); a != nil {
		return a
	}
	if past := s.pastApproval(k); past != nil {
		if !past.addAct(act) {
			s.late(ev.Source)
			return nil
		}
		return s.recallApproval(k)
	}
	if s.forgotten(ev) && act.endsBy(s.now().Add(-s.horizon())) {
		s.late(ev.Source)
		return nil
	}
	return s.approvalOrNew(k)
}

// endsBy reports whether an act leaves nothing in force after a time.
func (act approvalAct) endsBy(t Time) bool {
	switch act.What {
	case "denied", "revoked", "expired":
		return true
	}
	start := act.Start
	if start == 0 {
		start = act.decided()
	}
	return act.EndKind == events.EndAt && act.reviewed(act.until(start)) < t
}

// recallApproval brings an approval back that has left, or returns the one that is
// there.
func (s *step) recallApproval(k approvalKey) *approval {
	if a := s.approval(k); a != nil {
		s.changed[ownApproval+string(k)] = true
		return a
	}
	a := s.pastApproval(k)
	if a == nil {
		return nil
	}
	s.dropPast(keyPastApproval, string(k))
	s.setExpiry(keyPastApproval+string(k), &a.Expire, 0)
	s.enterApproval(a)
	for _, id := range a.Indexed {
		s.delist(indexPastUser, indexed(id), string(k))
		s.enlist(indexConsumer, indexed(id), string(k))
	}
	for _, act := range a.Acts {
		s.indexDeciders(a, act)
	}
	s.recallFacets(ownApproval+string(k), &a.verdict)
	a.Past = 0
	s.setExpiry(ownApproval+string(k), &a.Expire, s.now().Add(lookAgain))
	return a
}

// recallCovers brings approvals back that may cover what turned up long after it
// began: those of its holder, and those that it refers to.
func (s *step) recallCovers() {
	for len(s.bornLate) > 0 {
		k, since := s.bornLate[0].access, s.bornLate[0].since
		s.bornLate = s.bornLate[1:]
		x := s.access(k)
		if x == nil {
			continue
		}
		names := map[approvalKey]bool{}
		if n := len(x.Acts); n > 0 {
			for _, id := range s.person(s.rootSubject(x), x.Acts[0].T) {
				s.each(indexPastUser, indexed(id), func(suffix string) bool {
					names[approvalKey(suffix)] = true
					return len(names) < stepBudget
				})
			}
		}
		for _, r := range x.Refs {
			source := r.Source
			if source == "" {
				source = k.source()
			}
			names[makeApprovalKey(source, r.ID)] = true
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if a := s.pastApproval(name); a != nil && a.Past >= since {
				s.recallApproval(name)
			}
		}
	}
}
