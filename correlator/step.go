package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// stepBudget bounds how many records one step judges; what is more becomes a
// job. It keeps a step within half a store transaction.
const stepBudget = 512

// step is the work on one message.
type step struct {
	*Working
	pol *Policy
	msg Message

	persons map[personKey][]events.ID
	agenda  agenda
	revised map[string]bool // ledgers touched
	alerts  []string        // the same, in order
	seals   []Publication
	budget  int
	// byPolicy are the owners that this step judges because the policy changed;
	// gone says of alerts why a facet left them, where that is not by itself.
	byPolicy map[string]bool
	gone     map[string]Closing
	// bornLate are accesses that turned up long after they began; tooLate says that
	// the message came too late for anything.
	bornLate []bornLate
	tooLate  bool
	// restating: what is told goes on from what another state told.
	restating bool
	out       Result
}

// newStep prepares the work on one message.
func (w *Working) newStep(pol *Policy, msg Message) *step {
	return &step{
		Working: w, pol: pol, msg: msg, persons: map[personKey][]events.ID{}, revised: map[string]bool{},
		agenda: agenda{queued: map[string]bool{}}, byPolicy: map[string]bool{}, gone: map[string]Closing{},
		budget: stepBudget,
	}
}

// nextStep is newStep in the room of the step before, where that was small.
func (w *Working) nextStep(pol *Policy, msg Message) *step {
	s := w.doing
	if s == nil || len(s.persons)+len(s.revised)+len(s.byPolicy)+len(s.gone)+s.agenda.asked > maxRoom {
		w.doing = w.newStep(pol, msg)
		return w.doing
	}
	clear(s.persons)
	clear(s.revised)
	clear(s.byPolicy)
	clear(s.gone)
	*s = step{
		Working: w, pol: pol, msg: msg, persons: s.persons, revised: s.revised, agenda: s.agenda.emptied(),
		byPolicy: s.byPolicy, gone: s.gone, budget: stepBudget,
	}
	return s
}

// maxRoom bounds what the next step takes over: to empty what was large costs as much
// as to make it anew.
const maxRoom = 64

// look reads a state for a report.
func look(st State, pol *Policy) *step { return NewWorking(st).newStep(pol, Message{}) }

// Step applies one message to the state under a policy and returns what to
// publish: [Working.Step] for who has one message alone.
func Step(st State, pol *Policy, msg Message) Result {
	w := NewWorking(st)
	defer w.Flush()
	return w.Step(pol, msg)
}

// Step applies one message under a policy and returns what to publish. It must be
// called in log order; applying a message that was applied before changes no
// verdict.
func (w *Working) Step(pol *Policy, msg Message) Result {
	s := w.nextStep(pol, msg)
	s.enterEpoch(msg)
	s.out.Outcome = s.apply(msg)
	s.drain()
	if msg.Event.Type == events.ClockTick {
		s.clearAway()
		s.drain()
	}
	s.tell()
	// A seal rests on what the alerts of the same step say: they come first.
	s.out.Publish = append(s.out.Publish, s.seals...)
	s.out.NextDue = s.nextDue()
	s.out.Backlog = s.backlog() || s.clearingDue()
	return s.out
}

// backlog reports whether timers or jobs are waiting for the next tick.
func (s *step) backlog() bool {
	due := s.nextDue()
	return s.meta.Jobs > 0 || due != Forever && due <= s.now()
}

func (s *step) now() Time { return s.meta.Now }

// apply merges the message's facts.
func (s *step) apply(msg Message) Outcome {
	ev := msg.Event
	if ev.Type.FromSource() {
		if o := s.pol.outside(ev); o != nil {
			s.refuse(ev, o)
			return Unauthorised
		}
		s.hear(ev)
		s.changed[ownSource+ev.Source] = true
		s.touch(ownSource + ev.Source)
		s.witness(ev)
		switch ev.Data.Common().Effect {
		case events.Attempted:
			return Ignored
		case events.Failed:
			if !s.void(ev) {
				return Ignored
			}
			return Applied
		}
	}
	before := s.agenda.asked
	var changed bool
	switch d := ev.Data.(type) {
	case *events.Tick:
		s.tick(d)
		s.expireMarks()
		s.runTimers()
		s.runJobs()
		return Applied
	case *events.Approval:
		changed = s.applyApproval(ev, d)
	case *events.Session:
		changed = s.applySession(ev, d)
	case *events.Lease:
		changed = s.applyLease(ev, d)
	case *events.Membership:
		changed = s.applyMembership(ev, d)
	case *events.Credential:
		changed = s.applyRotation(ev, d)
	case *events.Account:
		changed = s.applyAccount(ev, d)
	case *events.IdentityLink:
		changed = s.applyLink(ev, d)
	case *events.Use:
		changed = s.applySign(ev, d.Access, act{T: At(ev.Time), Kind: actUse, ID: eventRef(ev), Interactive: d.Interactive != nil && *d.Interactive})
	case *events.Probe:
		changed = s.applyProbe(ev, d)
	case *events.EndedBefore:
		changed = s.applyEndedBefore(ev, d)
	case *events.SnapshotBegin, *events.SnapshotPart, *events.SnapshotEnd:
		changed = s.applySnapshot(ev)
	case *events.Resumed:
		s.applyResumed(ev, d)
		changed = true
	case *events.Progress:
		s.applyProgress(ev, d)
		changed = true
	case *events.Policy:
		changed = s.applyPolicy(ev, msg.Policy)
	case *events.Mark:
		changed = s.applyMark(ev, d)
	case *events.Observation:
		changed = s.applyObservation(ev, d)
	case *events.Epoch:
		changed = s.applyEpoch(ev, d)
	case *events.Told:
		changed = s.applyTold(d)
	}
	switch {
	case changed || s.agenda.asked > before+1:
		return Applied
	case s.tooLate:
		return Late
	}
	return Unchanged
}

// eventRef is the evidence that an act rests on: who said it, in which event.
// All records of one operation count as one.
func eventRef(ev events.Event) string {
	if op := ev.Data.Common().OperationID; op != "" {
		return ev.Source + "|op:" + op + ":" + ev.Type.Short()
	}
	return ev.Source + "|" + ev.ID
}

// Owners of timers, waits and judgement: a class letter and the record's key.
const (
	ownAccess   = keyAccess
	ownApproval = keyApproval
	ownAccount  = keyAccount
	ownSource   = keySource
)

// touch asks for an owner to be judged in this step.
func (s *step) touch(owner string) { s.agenda.add(owner) }

func (s *step) touchAccess(k accessKey) { s.touch(ownAccess + string(k)) }

// touchApproval asks for an approval to be judged since what it granted, or it
// itself, has changed: a sum over it that was made before no longer holds.
func (s *step) touchApproval(k approvalKey) {
	s.touch(ownApproval + string(k))
	if a := s.approval(k); a != nil {
		a.outdate()
	}
}

// ownerListed is the owner that an index of a class lists.
func ownerListed(class, entry string) string {
	switch class {
	case indexDecider:
		return ownApproval + entry
	case indexOwned:
		return ownAccount + entry
	}
	return ownAccess + entry
}

// touchAll judges everything that an index lists. What the step's budget does not
// hold becomes a job that goes on at the next ticks.
func (s *step) touchAll(class, id string) {
	s.touchWhere(class, id, func(string) bool { return true })
}

// touchWhere does so with the entries that a test admits; a job asks no more.
func (s *step) touchWhere(class, id string, admits func(entry string) bool) {
	list, known := s.list(class, id)
	if !known {
		list = s.listFrom(prefixOf(class, id), nil)
	}
	if done := s.touchListed(class, list, admits); done < len(list) {
		prefix := string(prefixOf(class, id))
		s.addJob(job{Kind: jobTouch, Prefix: prefix, Cursor: prefix + list[done]})
	}
}

// touchSome touches what is listed from a key on, up to the budget, and returns where
// to go on, nil at the end.
func (s *step) touchSome(prefix, from []byte) (next []byte) {
	list := s.listFrom(prefix, from)
	if done := s.touchListed(string(prefix[:1]), list, func(string) bool { return true }); done < len(list) {
		return append(slices.Clone(prefix), list[done]...)
	}
	return nil
}

// listFrom reads entries of an index from a key on: one more than the budget can hold.
func (s *step) listFrom(prefix, from []byte) (list []string) {
	s.st.Scan(prefix, from, func(k, _ []byte) bool {
		list = append(list, string(k[len(prefix):]))
		return len(list) <= s.budget
	})
	return list
}

// touchListed touches entries that an index of a class lists, up to the budget, and
// returns how many it has come past.
func (s *step) touchListed(class string, list []string, admits func(entry string) bool) (done int) {
	for i, entry := range list {
		if s.budget <= 0 {
			return i
		}
		if !admits(entry) {
			s.budget--
			continue
		}
		owner := ownerListed(class, entry)
		s.budget -= s.weightOf(owner)
		s.touch(owner)
	}
	return len(list)
}

// markKind notes once that a source speaks of something; it reports whether that
// is new.
func (s *step) markKind(class, source string) (first bool) {
	if s.marked(class, source) {
		return false
	}
	s.enlist(class, "", source)
	return true
}

// marked reports whether markKind has noted it.
func (w *Working) marked(class, source string) bool {
	if list, known := w.list(class, ""); known {
		_, found := slices.BinarySearch(list, source)
		return found
	}
	return w.st.Get(key(class, "", source)) != nil
}

// drain judges what was touched. An access is first brought up to date with the
// claims that were made in bulk.
func (s *step) drain() {
	s.recallCovers()
	for owner, ok := s.agenda.next(); ok; owner, ok = s.agenda.next() {
		s.recallCovers() // of what a judgement brought back
		if owner[:1] == ownAccess {
			if x := s.access(accessKey(owner[1:])); x != nil {
				s.heedClaims(x)
			}
		}
		s.judge(owner)
	}
}

// judge derives the verdict over an owner.
func (s *step) judge(owner string) {
	b := s.takeRoom()
	switch owner[:1] {
	case ownAccess:
		if x := s.access(accessKey(owner[1:])); x != nil {
			s.judgeAccess(b, owner, x)
		}
	case ownApproval:
		s.judgeApproval(b, owner)
	case ownAccount:
		s.judgeAccount(b, owner)
	case ownSource:
		s.judgeSource(b, owner)
	}
	s.handBack(b)
}

// setWake arms an owner's timer and disarms its former one. A timer that
// lingers is harmless: it is checked against Wake when it fires.
func (s *step) setWake(owner string, old *Time, due Time) {
	if due == Forever {
		due = 0
	}
	if *old == due {
		return
	}
	if *old != 0 {
		s.dropTimer(*old, owner)
		s.meta.Counts.Timers--
	}
	if due != 0 {
		s.putTimer(due, owner)
		s.meta.Counts.Timers++
	}
	*old = due
}
