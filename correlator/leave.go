package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// An access that is over, and an approval, leave the working state once every source
// involved has moved past their end by the policy's horizon. What is kept of them is
// the same record, shortened, in another place, where no index leads to it and
// nothing judges it: recall.go brings it back when something new is heard. Neither
// the way out nor the way back changes a verdict.

// planLeaving has it looked at when an access can leave, or, while it is held, when
// windows that are over can be let go of it.
func (s *step) planLeaving(x *access, c *Case) {
	due := Forever
	if over, ended := s.accessOver(x, c.episodes); ended {
		due = s.leaves(c.Source, over, x.News)
	} else if n := len(c.Stretches); n > 0 && c.Stretches[n-1].Open() {
		for _, cv := range c.Stretches[n-1].Covers {
			if cv.To < c.Now && cv.To > x.Floor {
				due = min(due, cv.To.Add(s.horizon()))
			}
		}
	}
	if due != Forever {
		s.setExpiry(ownAccess+string(x.Key), &x.Expire, due)
	}
}

// accessOver reports since when nothing about an access can change by itself.
func (s *step) accessOver(x *access, eps []Episode) (since Time, over bool) {
	if x.OpenNow || !x.verdict.rests() {
		return 0, false
	}
	since = Ever
	for i := range x.Acts {
		since = max(since, x.Acts[i].T)
	}
	for i := range eps {
		if !eps[i].Open() {
			since = max(since, eps[i].End)
		}
	}
	if since > s.now() {
		since = x.News // its source is ahead of time, and not to be waited for
	}
	return since, true
}

// rests reports whether nothing is due, awaited or open.
func (v *verdict) rests() bool {
	return v.Wake == 0 && len(v.Waits) == 0 && !slices.ContainsFunc(v.Facets, facet.open)
}

// horizon is how long what is over stays, and no shorter than any rule looks back.
func (s *step) horizon() time.Duration {
	return max(s.pol.Horizon, s.pol.AfterEnd, s.pol.RotateWithin)
}

// leaves is when what has been over since then can leave: a horizon later, and where
// its source does not say how far it is, no sooner than a horizon after it last said
// something new.
func (s *step) leaves(source string, since, news Time) Time {
	if !s.attests(source) {
		since = max(since, news)
	}
	return since.Add(s.horizon())
}

// frontier is up to when every source has spoken whose word could still change
// something about what this one says.
func (s *step) frontier(own string) Time {
	at := s.now()
	for _, uri := range s.awaited(own) {
		r := s.source(uri)
		if r.doubted(s.now()) {
			return Ever
		}
		at = min(at, r.Progress)
	}
	return at
}

func (s *step) passed(own string, at Time) bool { return s.frontier(own) >= at }

// leaveAccess lets an access leave if it can.
func (s *step) leaveAccess(k accessKey, at Time) {
	x := s.access(k)
	if x == nil || x.Expire != at {
		return
	}
	owner := ownAccess + string(k)
	s.changed[owner] = true
	x.Expire = 0
	eps := s.withParents(x, x.episodes(s.now(), s.pol))
	since, over := s.accessOver(x, eps)
	switch {
	case !over:
		s.settlePast(x)
	case !s.mayLeave(x, since):
		s.setExpiry(owner, &x.Expire, max(s.leaves(k.source(), since, x.News), s.now().Add(lookAgain)))
	case s.held(x):
		s.setExpiry(owner, &x.Expire, s.now().Add(lookAgain))
	default:
		s.departsAccess(x)
		x.Past = since
		s.removeAccess(x)
	}
}

func (s *step) mayLeave(x *access, since Time) bool {
	source := x.Key.source()
	return s.now() >= s.leaves(source, since, x.News) && s.passed(source, since.Add(s.horizon()))
}

// held reports whether an access that came from this one is still here: what it was
// granted passed through here, and it may have ended with it. One that this one came
// from in turn does not count: a circle would never leave. Where the step's budget ends
// before all were looked at it counts as held, and is looked at again.
func (s *step) held(x *access) bool {
	above := s.ancestors(x)
	held := false
	s.each(indexChild, string(x.Key), func(suffix string) bool {
		if s.budget <= 0 {
			held = true
			return false
		}
		s.budget--
		child := accessKey(suffix)
		held = !above[child] && s.access(child) != nil
		return !held
	})
	return held
}

// ancestors are the accesses that one came from, itself included.
func (s *step) ancestors(x *access) map[accessKey]bool {
	seen := map[accessKey]bool{x.Key: true}
	for todo := []*access{x}; len(todo) > 0 && len(seen) < maxLineage; todo = todo[1:] {
		for _, p := range todo[0].Parents {
			if parent := s.access(p.Key); parent != nil && !seen[p.Key] {
				seen[p.Key] = true
				todo = append(todo, parent)
			}
		}
	}
	return seen
}

// settlePast moves the time up to which an access that is held is judged for good,
// so that windows that were over before do not stay for as long as it does. What is
// left is judged the same: the time begins in cover, or where a gap does.
func (s *step) settlePast(x *access) {
	owner := ownAccess + string(x.Key)
	at := s.frontier(x.Key.source()).Add(-s.horizon())
	c := s.caseOf(x)
	for _, st := range c.Stretches {
		for _, g := range st.Gaps {
			if g.From < at && at < g.To {
				at = g.From
			}
		}
	}
	// What is told of it now, or is yet to be, rests on all of it.
	if at <= x.Floor || x.Undecided || slices.ContainsFunc(x.Facets, facet.open) {
		s.setExpiry(owner, &x.Expire, s.now().Add(s.horizon()))
		return
	}
	s.departsAccess(x)
	before := map[approvalKey][]Episode{}
	for _, k := range x.Granted {
		before[k] = s.stretchesOf(k, x)
	}
	for _, st := range c.Stretches {
		s.raiseFloor(x, at, st.Covers)
	}
	x.Floor = at
	for _, k := range x.Granted {
		if a := s.approval(k); a != nil {
			after := s.stretchesOf(k, x)
			s.keepGranted(a, before[k][:len(before[k])-len(after)], x.Key) // the earlier ones went
			if len(after) == 0 {
				a.Granted++ // its judgement takes it off, but it was granted
			}
		}
	}
	s.touchAccess(x.Key)
}

// removeAccess takes an access out of the working state. Its facets stay counted,
// and what it was granted stays a part of the approvals' sums.
func (s *step) removeAccess(x *access) {
	owner := ownAccess + string(x.Key)
	for _, k := range x.Granted {
		if a := s.approval(k); a != nil {
			s.keepGranted(a, s.stretchesOf(k, x), x.Key) // it stays counted
		}
		s.delist(indexGranted, string(k), string(x.Key))
	}
	for _, k := range x.Bears {
		s.delist(indexBears, string(k), string(x.Key))
	}
	for _, f := range x.Facets {
		s.st.Delete(facetKey(f, owner))
	}
	for _, id := range x.Indexed {
		s.delist(indexSubject, indexed(id), string(x.Key))
	}
	s.setPaths(x, nil)
	s.setSecrets(x, nil)
	s.setUnresolved(x, "")
	eps := s.withParents(x, x.episodes(s.now(), s.pol))
	for _, p := range x.Parents {
		s.delist(indexChild, string(p.Key), string(x.Key))
		if n := len(eps); n > 0 && eps[n-1].Cause == events.CauseCascade {
			s.enlist(indexPastChild, string(p.Key), string(x.Key))
		}
	}
	for _, r := range x.Refs {
		s.delist(indexRef, r.ID, string(x.Key))
	}
	s.countJudgement(x, "", false)
	s.drop(owner)
	s.accesses.drop(x.Key)
	past := x.past(eps)
	if past.News >= past.Left {
		past.Left = s.now()
	}
	s.setExpiry(keyPastAccess+string(x.Key), &past.Expire, past.Left.Add(tombstoneFor))
	s.putPast(keyPastAccess, string(x.Key), encodeRecord(past))
}

// forgetAccess forgets an access that has left.
func (s *step) forgetAccess(k accessKey, at Time) {
	x := s.pastAccess(k)
	if x == nil || x.Expire != at {
		return
	}
	for _, p := range x.Parents {
		s.delist(indexPastChild, string(p.Key), string(k))
	}
	s.dropPast(keyPastAccess, string(k))
}

// drop deletes an owner's record.
func (s *step) drop(owner string) {
	s.st.Delete([]byte(owner))
	delete(s.changed, owner)
}

// keepGranted adds stretches to what an approval granted and is not there to be
// summed up any more.
func (s *step) keepGranted(a *approval, eps []Episode, k accessKey) {
	s.changed[ownApproval+string(a.Key)] = true
	a.Gone = a.Gone.clone()
	a.Gone.addAll(eps, k)
	a.Outdated = a.Summing != 0
}

// maxPastActs bounds what is kept of an access that has left: all that was said of
// nearly every one, and the last stretch of the others.
const maxPastActs = 32

// past is the record as it is kept once the access has left.
func (x *access) past(eps []Episode) *access {
	out := *x
	out.verdict = x.verdict.past()
	out.GrantedOpen, out.Shape, out.Indexed, out.Expire = nil, "", nil, 0
	acts := x.Acts
	if n := len(eps); n > 0 && len(acts) > maxPastActs {
		last := slices.IndexFunc(acts, func(a act) bool { return a.T >= eps[n-1].Start })
		acts = acts[max(last, 0):]
	}
	if over := len(acts) - maxPastActs; over > 0 {
		acts = append(slices.Clone(acts[:1]), acts[over+1:]...)
	}
	out.Acts = slices.Clone(acts)
	return &out
}

// past is the verdict as it is kept with it.
func (v *verdict) past() verdict {
	return verdict{Facets: v.Facets, Passed: v.Passed, Released: v.Released, PolicyNo: v.PolicyNo}
}

// leaveApproval lets an approval leave if it can.
func (s *step) leaveApproval(k approvalKey, at Time) {
	a := s.approval(k)
	if a == nil || a.Expire != at {
		return
	}
	owner := ownApproval + string(k)
	s.changed[owner] = true
	a.Expire = 0
	st := a.fold()
	since, over := a.over(st, s.now())
	if !over {
		return // whoever judges it next asks again
	}
	source, _ := k.split()
	due := s.leaves(source, since, a.News)
	if s.now() < due || !s.passed(source, since.Add(s.horizon())) || s.judgedBy(k) || s.waitedFor(a) {
		s.setExpiry(owner, &a.Expire, max(due, s.now().Add(lookAgain)))
		return
	}
	s.departsApproval(a)
	a.Past = since
	s.removeApproval(a)
}

// judgedBy reports whether an access is judged by the approval.
func (s *step) judgedBy(k approvalKey) bool {
	found := false
	for _, class := range []string{indexGranted, indexBears, indexPath} {
		s.each(class, string(k), func(string) bool {
			found = true
			return false
		})
	}
	return found
}

// waitedFor reports whether somebody's access that is nobody's could be what the
// approval, which nobody has used, was for.
func (s *step) waitedFor(a *approval) bool {
	found := false
	for _, system := range a.Unused {
		s.each(indexUnresolved, system, func(string) bool {
			found = true
			return false
		})
	}
	return found
}

// over reports since when nothing about an approval can change by itself: its
// windows are past, and told of. One that was only asked for is over once nobody
// has decided for as long as anything is remembered.
func (a *approval) over(st *approvalState, now Time) (since Time, over bool) {
	if !a.verdict.rests() || a.SealReady != 0 || a.Summing != 0 || a.Open > 0 {
		return 0, false
	}
	since = Ever
	var last string
	for _, act := range a.Acts {
		since, last = max(since, act.T), act.What
	}
	switch end := st.end(); {
	case end > now:
		return 0, false
	case end == 0 && last == "requested", end == 0 && last == "altered":
		since = since.Add(tombstoneFor)
	case end == 0 && st.Granted && st.toActivate != 0 && last != "revoked" && last != "expired":
		return 0, false
	default:
		since = max(since, end)
	}
	if since > now && last != "requested" && last != "altered" {
		since = a.News
	}
	return since, true
}

// removeApproval takes an approval out of the working state.
func (s *step) removeApproval(a *approval) {
	source, id := a.Key.split()
	for _, f := range a.Facets {
		s.st.Delete(facetKey(f, ownApproval+string(a.Key)))
	}
	s.delist(indexApprovalID, id, source)
	for _, id := range a.Indexed {
		s.delist(indexConsumer, indexed(id), string(a.Key))
		s.enlist(indexPastUser, indexed(id), string(a.Key))
	}
	for _, act := range a.Acts {
		for _, by := range act.deciders() {
			s.delist(indexDecider, indexed(by), string(a.Key))
		}
	}
	for _, system := range a.Unused {
		s.delist(indexUnused, system, timeKey(a.UnusedUntil)+string(a.Key))
	}
	a.Unused, a.UnusedUntil = nil, 0
	s.meta.Counts.Approvals--
	s.drop(ownApproval + string(a.Key))
	s.approvals.drop(a.Key)
	past := *a
	past.verdict = a.verdict.past()
	past.Sum, past.Expire = nil, 0
	if past.News >= past.Left {
		past.Left = s.now()
	}
	s.setExpiry(keyPastApproval+string(a.Key), &past.Expire, past.Left.Add(tombstoneFor))
	s.putPast(keyPastApproval, string(a.Key), encodeRecord(&past))
}

// forgetApproval forgets an approval that has left, but for how often its seal was
// told.
func (s *step) forgetApproval(k approvalKey, at Time) {
	a := s.pastApproval(k)
	if a == nil || a.Expire != at {
		return
	}
	for _, id := range a.Indexed {
		s.delist(indexPastUser, indexed(id), string(k))
	}
	source, id := k.split()
	s.keepRevision(sealID(source, id), a.SealRev)
	s.dropPast(keyPastApproval, string(k))
}
