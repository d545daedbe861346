package correlator

import "time"

// What is over leaves the state by expiries: keys ordered by when to look whether
// something can go. Like a timer, an expiry is a hint that is checked against the
// record that it names; unlike one it changes no verdict, so that it waits for
// timers and jobs, and is looked at when a tick has time left.

// tombstoneFor is how long it is remembered of what has left the state that it was
// there: a lease that shows itself again, an approval that is extended late, an
// alert that recurs.
const tombstoneFor = 90 * 24 * time.Hour

// expiriesAStep bounds what one step looks at: each may be moved, with all that
// lists it.
const expiriesAStep = stepBudget / 8

// lookAgain is when to look again at what cannot go yet.
const lookAgain = time.Hour

// setExpiry moves an owner's expiry. One that comes earlier is left where it is: it
// will look, and ask again.
func (s *step) setExpiry(owner string, old *Time, due Time) {
	if due != 0 && *old != 0 && *old <= due {
		return
	}
	if *old != 0 {
		s.dropExpiry(owner, *old)
	}
	if due != 0 {
		due = max(due, s.now()+1)
		s.putExpiry(owner, due)
	}
	*old = due
}

// expire has something that has no record of its own looked at.
func (s *step) expire(owner string, due Time) {
	s.putExpiry(owner, max(due, s.now()+1))
}

func (w *Working) putExpiry(owner string, due Time) {
	w.expiries.put(w.st, &w.meta.LowSwept, due, owner)
}

func (w *Working) dropExpiry(owner string, due Time) { w.expiries.drop(w.st, due, owner) }

// clearAway looks at what is due to go, in order, as far as the step has time left.
func (s *step) clearAway() {
	most := min(s.budget, expiriesAStep)
	if most <= 0 {
		return
	}
	if !s.clearingDue() {
		s.meta.LowSwept = s.expiries.next(s.st, s.meta.LowSwept)
		return
	}
	for _, key := range s.expiries.due(s.st, s.meta.LowSwept, s.now(), most) {
		if most <= 0 {
			return
		}
		at, owner := s.expiries.split(key)
		weight := s.weightOf(owner)
		most -= weight
		s.budget -= weight
		s.meta.LowSwept = at
		s.dropExpiry(owner, at)
		s.look(owner, at)
	}
}

// clearingDue reports whether something is due to be looked at.
func (w *Working) clearingDue() bool {
	next := w.expiries.next(w.st, w.meta.LowSwept)
	return next != Forever && next <= w.meta.Now
}

// look sees whether an owner can go.
func (s *step) look(owner string, at Time) {
	k := owner[1:]
	switch owner[:1] {
	case keyAccess:
		s.leaveAccess(accessKey(k), at)
	case keyApproval:
		s.leaveApproval(approvalKey(k), at)
	case keyPastAccess:
		s.forgetAccess(accessKey(k), at)
	case keyPastApproval:
		s.forgetApproval(approvalKey(k), at)
	case indexAlias:
		s.forgetAlias(accessKey(k))
	case indexLink:
		s.leaveLink(owner)
	case keyAccount:
		s.leaveAccount(owner)
	case keySnapshot:
		s.leaveSnapshot(owner)
	case keySource:
		s.leaveSource(k, at)
	case keyLedger:
		s.leaveLedger(k)
	}
}
