package correlator

import (
	"slices"
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
	// Baseline of the newest stretch.
	Baseline bool
	Watched  bool
	// BreakGlass: one of the person's ids is for emergencies.
	BreakGlass bool
	// Emergency is the break-glass account whose access this is, "" for none, and
	// Rotations when its secret was changed.
	Emergency events.ID
	Rotations []Time
	// Workload is the id that is no person's, where the access is that one's or
	// came from one of its accesses.
	Workload events.ID
	// ApprovalsSeen: some source of approvals covers the time of the access.
	ApprovalsSeen bool
	Grace         time.Duration
	Stretches     []Stretch
	// Left is what authoritative realms say of the person, nil if nothing.
	Left *leaving

	key      accessKey
	episodes []Episode // those of the stretches
}

// Stretch is one episode with the windows that bear on it and the gaps they
// leave.
type Stretch struct {
	*Episode
	// Unresolved: its subject is nobody's; nil where it is somebody's.
	Unresolved *unresolved
	// Foreign are approvals that the access refers to and that are others'.
	Foreign []foreignRef
	// Baseline: it began before its source's coverage, or before all we know.
	Baseline bool
	Covers   []cover
	Gaps     []Gap
}

// judgeAccess derives the verdict over one access and what follows from it.
func (s *step) judgeAccess(b *room, owner string, x *access) {
	s.changed[owner] = true
	s.shorten(x)
	s.letGo(owner, &x.verdict, x.Floor)
	c := &b.access
	s.collect(c, x)
	findings := b.findings[:0]
	for _, r := range s.rulesOn().access {
		findings = append(findings, r.graded(r.access(c))...)
	}
	b.findings = findings
	j := judged{room: b, verdict: &x.verdict, owner: owner, source: c.Source, access: x.Key, floor: x.Floor, seen: c}
	retires := s.pol.Sources[c.Source].Retired
	if retires <= s.now() {
		retires = Forever
	}
	var awaited []string
	if len(findings) > 0 {
		awaited = s.awaited(c.Source)
	}
	wake, waits := s.conclude(j, oneAlertAGap(findings), awaited)
	s.rest(owner, &x.verdict, min(wake, retires, x.nextChange(c.episodes, s.now()), c.nextBound()), waits)
	b.granted = grantsOf(b.granted[:0], c.Stretches)
	b.held = c.grantsHeld(b.held[:0], b.granted)
	b.bears = bearsOf(b.bears[:0], c.Stretches, b.granted)
	s.setGranted(x, b.granted, b.held)
	s.setPaths(x, s.pathsOf(c))
	s.setSecrets(x, s.secretsOf(x))
	s.setUnresolved(x, c.unresolvedIn())
	s.setBears(x, b.bears)
	s.countJudgement(x, judgementOf(c), openOf(c))
	s.setShape(x, c)
	s.planLeaving(x, c)
}

// unresolvedIn is the system in which nobody's access is held, "" for none.
func (c *Case) unresolvedIn() string {
	if slices.ContainsFunc(c.Stretches, func(st Stretch) bool { return st.Unresolved != nil }) {
		return c.Scope.System
	}
	return ""
}

// condition is what the policy's conditions see of the access.
func (c *Case) condition() ConditionInput {
	in := ConditionInput{
		Kind: string(c.Kind), Source: c.Source, ID: c.ID, Subject: string(c.Subject),
		System: c.Scope.System, Resource: c.Scope.Resource, Role: c.Scope.Role, Level: c.Scope.Level,
		Credential: string(c.Credential),
	}
	for _, id := range c.Person {
		in.Person = append(in.Person, string(id))
	}
	return in
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

// openOf reports whether the access is held, as far as anything is known of it: a
// sign of life of something that nobody introduced is none.
func openOf(c *Case) bool {
	n := len(c.Stretches)
	return !c.Scope.IsZero() && n > 0 && c.Stretches[n-1].Open()
}

// caseOf is what the rules look at.
func (s *step) caseOf(x *access) *Case {
	c := new(Case)
	s.collect(c, x)
	return c
}

// collect makes a case of an access, in the room of a former one.
func (s *step) collect(c *Case, x *access) {
	kind, source, id := x.Key.split()
	*c = Case{
		Now: s.now(), Policy: s.pol, Kind: kind, Source: source, ID: id,
		Subject: x.Subject, Scope: x.Scope, Credential: x.Credential,
		Revocable: x.Revocable == nil || *x.Revocable, EndsReport: s.endReporting(source, kind),
		Watched: s.pol.watched(x.Scope), Grace: s.pol.Grace.Of(kind),
		key: x.Key, episodes: c.episodes[:0], Stretches: c.Stretches[:0],
	}
	coverage := Forever
	if r := s.source(source); r != nil {
		coverage = r.coverage()
	}
	c.Emergency = s.emergency(x)
	c.episodes = s.withParents(x, x.episodesIn(c.episodes, s.now(), s.pol))
	c.Stretches = slices.Grow(c.Stretches, len(c.episodes))
	for i := range c.episodes {
		ep := &c.episodes[i]
		st := Stretch{Episode: ep, Covers: s.coversOf(x, ep)}
		st.settle(x.Floor)
		s.viewCovers(c, x, &st)
		st.Gaps = s.gapsOf(x, &st, c.Grace)
		st.Baseline = ep.StartLo == Ever || ep.Start < coverage
		c.Stretches = append(c.Stretches, st)
		c.Baseline = st.Baseline
	}
	if n := len(c.Stretches); n > 0 {
		start := c.Stretches[n-1].Start
		c.Person = s.person(s.rootSubject(x), start)
		c.ApprovalsSeen = s.approvalsSeen(start)
		c.Left = s.leaving(c.Person)
		if s.enabled(&ruleHumanUse) {
			c.Workload = s.workloadBehind(x)
		}
		c.Rotations = s.rotationsOfAccount(c.Emergency)
		c.BreakGlass = slices.ContainsFunc(s.pol.BreakGlass, func(id events.ID) bool { return slices.Contains(c.Person, s.canonical(id)) })
	}
}

// approvalsSeen reports whether a source of approvals covers a time.
func (s *step) approvalsSeen(at Time) bool {
	return slices.ContainsFunc(s.entries(indexApprovers, ""), func(uri string) bool {
		r := s.source(uri)
		return r != nil && r.coverage() <= at
	})
}
