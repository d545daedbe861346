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
	w.st.Put(expiryKey(owner, due), []byte{})
	if w.sweep != 0 {
		w.sweep = min(w.sweep, due)
	}
}

func (w *Working) dropExpiry(owner string, due Time) {
	w.st.Delete(expiryKey(owner, due))
	if w.sweep == due {
		w.sweep = 0 // another may be due then; it is looked up when it is asked for
	}
}

func expiryKey(owner string, due Time) []byte { return []byte(indexExpiry + timeKey(due) + owner) }

// clearAway looks at what is due to go, in order, as far as the step has time left.
func (s *step) clearAway() {
	most := min(s.budget, expiriesAStep)
	if most <= 0 {
		return
	}
	type due struct {
		at    Time
		owner string
	}
	var found []due
	s.st.Scan([]byte(indexExpiry), []byte(indexExpiry+timeKey(s.meta.LowSwept)), func(k, _ []byte) bool {
		at := timeFromKey(string(k[len(indexExpiry):]))
		if at > s.now() || len(found) >= most {
			return false
		}
		found = append(found, due{at, string(k[len(indexExpiry)+8:])})
		return true
	})
	for _, f := range found {
		s.budget--
		s.meta.LowSwept = f.at
		s.dropExpiry(f.owner, f.at)
		s.look(f.owner, f.at)
	}
}

// clearingDue reports whether something is due to be looked at.
func (w *Working) clearingDue() bool {
	if w.sweep == 0 {
		w.sweep = Forever
		w.st.Scan([]byte(indexExpiry), []byte(indexExpiry+timeKey(w.meta.LowSwept)), func(k, _ []byte) bool {
			w.sweep = timeFromKey(string(k[len(indexExpiry):]))
			return false
		})
	}
	return w.sweep != Forever && w.sweep <= w.meta.Now
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
