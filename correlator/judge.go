package correlator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

// Case is everything a rule may look at to judge one access. Rules are pure
// functions of it.
type Case struct {
	Now    Time
	Policy *Policy

	Kind       events.AccessKind
	Source     string
	ID         string
	Subject    events.ID
	Person     []events.ID // of the newest episode
	Scope      events.Scope
	Credential events.CredentialKind
	Revocable  bool
	EndsReport events.EndReporting
	// Baseline: it began before its source's coverage, or before all we know.
	Baseline bool
	Watched  bool
	// BreakGlass: one of the person's ids is for emergencies.
	BreakGlass bool
	// ApprovalsSeen: some source of approvals covers the time of the access.
	ApprovalsSeen bool
	Grace         time.Duration
	Stretches     []Stretch
	// Left is what authoritative realms say of the person, nil if nothing.
	Left *leaving

	key accessKey
}

// Stretch is one episode with the windows that bear on it and the gaps they
// leave.
type Stretch struct {
	Episode
	Covers []cover
	Gaps   []Gap
}

// Gap is a time in which access was held and no window covered it.
type Gap struct {
	Interval
	Unc time.Duration // both clocks' uncertainty
	// After is the granting window that ended last before the gap, nil if none.
	After *cover
	// Until is the approval whose window covered the access up to the gap,
	// where that is another than After's.
	Until approvalKey
	// Carried: a renewal, reissue or chain took the access past After's end.
	Carried bool
	// Ratified: a decision made after the fact covers the gap.
	Ratified bool
	// Alive is whether there is evidence of life inside the gap.
	Alive bool
	Used  bool
}

// leaving is when every account of a person in the authoritative realms was
// closed.
type leaving struct {
	Account events.ID // the first of them, by id: it names the alert
	Gone    []Interval
}

// judgeAccess derives the verdict over one access and what follows from it.
func (s *step) judgeAccess(k accessKey) {
	x := s.access(k)
	if x == nil {
		return
	}
	s.changed[ownAccess+string(k)] = true
	c := s.caseOf(x)
	var findings []Finding
	for _, r := range accessRules() {
		if !s.enabled(r) {
			continue
		}
		findings = append(findings, r.judge(c)...)
	}
	findings = oneAlertAGap(findings)

	owner := ownAccess + string(k)
	wake := min(x.nextChange(episodesOf(c), s.now()), c.nextBound())
	var facets []facet
	var waits []wait
	awaited := s.awaited(x.Key.source())
	pending, passed := map[string]Time{}, map[string]bool{}
	ords := map[string]int{}
	for i := range findings {
		f := &findings[i]
		s.refine(f)
		name := s.partsFor(f, owner, x).key()
		f.Alert, f.Ord = name, ords[name]
		ords[name]++
		if s.letPass(x, f, passed) || f.Forecast && f.Closed != "" && !x.speaksOf(f) {
			continue // a forecast that is over before it was told is no news
		}
		v := s.settleFinding(x, f, awaited, pending)
		wake, waits = min(wake, v.wake), append(waits, v.waits...)
		if f.Again > s.now() {
			wake = min(wake, f.Again)
		}
		if !v.speak || s.unless(c, f) || s.historic(x, f) {
			continue
		}
		facets = append(facets, f.facet(v))
	}
	x.Pending, x.Passed = pending, passed
	s.setFacets(owner, &x.Facets, facets, x.Floor)
	waits = unite(waits, nil, func(a, b wait) bool {
		if a.Source != b.Source {
			return a.Source < b.Source
		}
		return a.Due < b.Due
	}, 64)
	s.setWaits(owner, x.Waits, waits)
	x.Waits = waits
	s.setWake(owner, &x.Wake, wake)
	s.setGranted(x, grantsOf(c.Stretches), grantsOf(c.heldNow()))
	s.countJudgement(x, judgementOf(c), openOf(c))
	s.setShape(x, c)
}

// nextBound is when a window that bears on an open stretch next begins or ends.
func (c *Case) nextBound() Time {
	next := Forever
	for _, st := range c.Stretches {
		if !st.Open() {
			continue
		}
		for _, cv := range st.Covers {
			for _, t := range []Time{cv.From, cv.To} {
				if t > c.Now {
					next = min(next, t)
				}
			}
		}
	}
	return next
}

func episodesOf(c *Case) []Episode {
	eps := make([]Episode, len(c.Stretches))
	for i, st := range c.Stretches {
		eps[i] = st.Episode
	}
	return eps
}

// openOf reports whether the access is held, as far as anything is known of it: a
// sign of life of something that nobody introduced is none.
func openOf(c *Case) bool {
	n := len(c.Stretches)
	return !c.Scope.IsZero() && n > 0 && c.Stretches[n-1].Open()
}

// caseOf collects what the rules look at.
func (s *step) caseOf(x *access) *Case {
	kind, source, id := x.Key.split()
	c := &Case{
		Now: s.now(), Policy: s.pol, Kind: kind, Source: source, ID: id,
		Subject: x.Subject, Scope: x.Scope, Credential: x.Credential,
		Revocable: x.Revocable == nil || *x.Revocable, EndsReport: s.endReporting(source, kind),
		Watched: s.pol.watched(x.Scope), Grace: s.pol.Grace.Of(kind),
		key: x.Key,
	}
	coverage := Forever
	if r := s.source(source); r != nil {
		coverage = r.coverage()
	}
	for _, ep := range s.withParents(x, x.episodes(s.now())) {
		st := Stretch{Episode: ep, Covers: s.coversOf(x, ep)}
		st.Gaps = s.gapsOf(c, st)
		c.Stretches = append(c.Stretches, st)
		c.Baseline = ep.StartLo == Ever || ep.Start < coverage
	}
	if n := len(c.Stretches); n > 0 {
		start := c.Stretches[n-1].Start
		c.Person = s.person(s.rootSubject(x), start)
		c.ApprovalsSeen = s.approvalsSeen(start)
		c.Left = s.leaving(c.Person)
		c.BreakGlass = slices.ContainsFunc(s.pol.BreakGlass, func(id events.ID) bool { return slices.Contains(c.Person, s.canonical(id)) })
	}
	return c
}

// rootSubject is who holds the access in the end: a child without a subject of
// its own belongs to its parent's.
func (s *step) rootSubject(x *access) events.ID {
	for range maxLineage {
		if x.Subject != "" || len(x.Parents) == 0 {
			break
		}
		parent := s.access(x.Parents[0].Key)
		if parent == nil {
			break
		}
		x = parent
	}
	return x.Subject
}

// withParents ends what dies with its parent: only cascade edges carry death.
// That the child is gone is then a conclusion, no better than presumed.
func (s *step) withParents(x *access, eps []Episode) []Episode {
	return s.parentsDeath(x, eps, map[accessKey][]Episode{})
}

// parentsDeath follows the cascade edges up; known holds what was found on the
// way, so that each access is visited once, circles included.
func (s *step) parentsDeath(x *access, eps []Episode, known map[accessKey][]Episode) []Episode {
	known[x.Key] = eps
	n := len(eps)
	if n == 0 || len(known) > maxLineage {
		return eps
	}
	last := &eps[n-1]
	// What its source saw stands; an expiry of its own is only the latest that
	// it can have lived.
	if !last.Open() && last.Basis != Scheduled && last.Basis != Presumed {
		return eps
	}
	for _, p := range x.Parents {
		parent := s.access(p.Key)
		if p.Edge != events.EdgeCascade || parent == nil {
			continue
		}
		above, seen := known[p.Key]
		if !seen {
			above = s.parentsDeath(parent, parent.episodes(s.now()), known)
		}
		if pe, ok := episodeAt(above, last.Start); ok && !pe.Open() && pe.End >= last.LastAlive && pe.End < last.End {
			last.dieWith(pe)
		}
	}
	return eps
}

// dieWith ends an episode with its parent's.
func (e *Episode) dieWith(parent Episode) {
	e.End, e.EndLo, e.Basis, e.Cause = parent.End, e.LastAlive, parent.Basis, events.CauseCascade
	e.EndID, e.EndSeq = parent.EndID, parent.EndSeq
	if basisRank[e.Basis] > basisRank[Presumed] {
		e.Basis = Presumed
	}
	if e.Basis == Claimed {
		e.Claim = e.End
	}
}

// gapsOf subtracts the windows from the stretch.
func (s *step) gapsOf(c *Case, st Stretch) []Gap {
	var effective, nominal []Interval
	unc := st.Unc
	for _, cv := range st.Covers {
		if !cv.Full {
			continue
		}
		effective = append(effective, Interval{cv.From, cv.To})
		nominal = append(nominal, Interval{cv.Nominal, cv.To})
		if a := s.approval(cv.Approval); a != nil {
			unc = max(unc, st.Unc+a.fold().Unc)
		}
	}
	var gaps []Gap
	for _, i := range Subtract(Interval{st.Start, st.End}, effective) {
		g := Gap{Interval: i, Unc: unc}
		g.Ratified = len(Subtract(i, nominal)) == 0
		g.After = grantBefore(st.Covers, i.From)
		g.Carried = g.After != nil && st.carried(g.From, g.From.Add(c.Grace))
		g.Until = st.coveredUntil(g)
		g.Alive = st.LastAlive > i.From && (st.LastAlive <= i.To || i.To == Forever)
		g.Used = st.LastUse > i.From && (st.LastUse <= i.To || i.To == Forever)
		gaps = append(gaps, g)
	}
	return gaps
}

// grantBefore is the granting window that ended last, at t or before.
func grantBefore(covers []cover, t Time) *cover {
	var best *cover
	for i := range covers {
		c := &covers[i]
		if !c.Grants || !c.Full || c.To > t {
			continue
		}
		if best == nil || c.To > best.To || c.To == best.To && c.Approval < best.Approval {
			best = c
		}
	}
	return best
}

// coveredUntil is the approval that covered the access up to a gap though it did
// not grant it, "" where the granting one did.
func (st Stretch) coveredUntil(g Gap) approvalKey {
	var by approvalKey
	for _, c := range st.Covers {
		if !c.Full || c.To != g.From || c.From >= c.To {
			continue
		}
		if g.After == nil || c.Approval == g.After.Approval {
			return ""
		}
		by = c.Approval
	}
	return by
}

// carried reports whether something other than the issue took the access past
// the end of its window: it was made after it, renewed after it, or renewed to
// beyond it although the issue would have ended in time.
func (st Stretch) carried(end, graceEnd Time) bool {
	if st.Start >= end {
		return true
	}
	issue := Forever
	for i, e := range st.Expiries {
		if i == 0 && !e.Renew && e.Exp != 0 {
			issue = e.Exp
			continue
		}
		if e.Renew && (e.T > end || e.Exp > graceEnd && issue <= graceEnd) {
			return true
		}
	}
	return false
}

// grantsOf lists the approvals that granted any of the stretches.
func grantsOf(stretches []Stretch) []approvalKey {
	var out []approvalKey
	for _, st := range stretches {
		for _, cv := range st.Covers {
			if cv.Grants {
				out = append(out, cv.Approval)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// heldNow is the stretch that is open, if there is one.
func (c *Case) heldNow() []Stretch {
	if !openOf(c) {
		return nil
	}
	return c.Stretches[len(c.Stretches)-1:]
}

// The judgements of an open access, as the coverage report names them.
const (
	judgedCovered  = "covered"
	judgedExposed  = "exposed"
	judgedBaseline = "baseline"
	unjudgedScope  = "unjudged: no approval of this person names it"
	unjudgedEnd    = "unjudged: the window's end is unknown"
	unjudgedWho    = "unjudged: nobody is named"
)

// judgementOf sums up an open access in a word; "" for one that has ended.
func judgementOf(c *Case) string {
	if !openOf(c) {
		return ""
	}
	st := c.Stretches[len(c.Stretches)-1]
	for _, cv := range st.Covers {
		if cv.Full && cv.From <= c.Now && c.Now < cv.To {
			if cv.UnknownEnd {
				return unjudgedEnd
			}
			return judgedCovered
		}
	}
	for _, g := range st.Gaps {
		if g.After != nil && g.To == Forever {
			return judgedExposed
		}
	}
	switch {
	case c.Subject == "":
		return unjudgedWho
	case c.Baseline:
		return judgedBaseline
	case c.Watched && c.ApprovalsSeen:
		return judgedExposed
	}
	return unjudgedScope
}

// setGranted keeps the index of what an approval granted, and the counts of it:
// all, and those of which a stretch that it granted is open.
func (s *step) setGranted(x *access, now, open []approvalKey) {
	if slices.Equal(x.Granted, now) && slices.Equal(x.GrantedOpen, open) {
		return
	}
	count := func(keys, open []approvalKey, d int) {
		for _, k := range keys {
			a := s.approval(k)
			if a == nil {
				continue
			}
			s.changed[ownApproval+string(k)] = true
			a.Granted += d
			if slices.Contains(open, k) {
				a.Open += d
			}
			s.touchApproval(k)
		}
	}
	count(x.Granted, x.GrantedOpen, -1)
	count(now, open, 1)
	for _, k := range x.Granted {
		if !slices.Contains(now, k) {
			s.st.Delete(key(indexGranted, string(k), string(x.Key)))
		}
	}
	for _, k := range now {
		s.st.Put(key(indexGranted, string(k), string(x.Key)), []byte{})
	}
	x.Granted, x.GrantedOpen = now, open
}

// setShape keeps when the access was held, as far as its children depend on it:
// they live and die with a stretch of it, and inherit what granted it. Signs of life are left out, so that a
// token in use does not have a thousand leases judged again.
func (s *step) setShape(x *access, c *Case) {
	var shape strings.Builder
	for _, st := range c.Stretches {
		fmt.Fprintf(&shape, "%d-%d %s", st.Start, st.End, st.Basis)
		for _, cv := range st.Covers {
			if cv.Grants {
				fmt.Fprintf(&shape, " %s", cv.Approval)
			}
		}
		shape.WriteString(";")
	}
	if shape.String() == x.Shape {
		return
	}
	x.Shape = shape.String()
	s.touchAll(prefixOf(indexChild, string(x.Key)))
	for _, k := range x.Granted {
		s.touchApproval(k)
	}
}

// countJudgement keeps the counts of open accesses, by source and judgement.
func (s *step) countJudgement(x *access, judged string, open bool) {
	m := &s.meta.Counts
	if open != x.OpenNow {
		r := s.sourceOrNew(x.Key.source())
		d := 1
		if !open {
			d = -1
		}
		m.Open += d
		r.Open += d
		x.OpenNow = open
		s.touch(ownSource + r.URI)
	}
	if judged == x.Judged {
		return
	}
	if m.Judgement == nil {
		m.Judgement = map[string]int{}
	}
	if x.Judged != "" {
		if m.Judgement[x.Judged]--; m.Judgement[x.Judged] == 0 {
			delete(m.Judgement, x.Judged)
		}
	}
	if judged != "" {
		m.Judgement[judged]++
	}
	x.Judged = judged
}

// approvalsSeen reports whether a source of approvals covers a time.
func (s *step) approvalsSeen(at Time) bool {
	for _, uri := range s.kinds(indexApprovers) {
		if r := s.source(uri); r != nil && r.coverage() <= at {
			return true
		}
	}
	return false
}

// kinds lists the sources that markKind noted.
func (s *step) kinds(class string) []string {
	var out []string
	s.st.Scan([]byte(class), nil, func(k, _ []byte) bool {
		out = append(out, string(k[len(class):]))
		return true
	})
	return out
}

// leaving finds when the person had left: when none of their accounts in the
// authoritative realms was open.
func (s *step) leaving(person []events.ID) *leaving {
	var out *leaving
	for _, id := range person {
		if !slices.Contains(s.pol.Offboarding.Realms, id.Realm()) {
			continue
		}
		a := s.account(id)
		if a == nil {
			continue
		}
		if out == nil {
			out = &leaving{Account: id, Gone: a.closedTimes()}
			continue
		}
		out.Gone = intersect(out.Gone, a.closedTimes())
	}
	return out
}
