package correlator

import (
	"slices"
	"sort"
	"time"

	"github.com/overstay/overstay/events"
)

// approval is everything known about one approval.
type approval struct {
	Key  approvalKey
	Acts []approvalAct

	// Derived.
	verdict
	Indexed []events.ID
	Active  bool // counted in meta.ActiveWindows
	Granted int
	Open    int  // granted and not ended
	Spent   bool // it is over, and all that it granted
	// Unused are the systems under which it is listed as unused, until UnusedUntil.
	Unused      []string
	UnusedUntil Time
	// SealReady is the log time since which the present seal could be said.
	SealReady Time
	SealRev   uint64
	SealSum   string
	// SealTakenOver is the run of system.told that SealRev goes on from.
	SealTakenOver string
	// Sum is what it granted, where a job had to sum that up; Summing is that
	// job while it is under way (0: none), Outdated that something changed since
	// it began.
	Sum      *grantedSum
	Summing  uint64
	Outdated bool
	// Closures are when all of it was closed, as last summed up, and ClosedAt when
	// that could be said.
	Closures []closure
	ClosedAt Time
	// Gone is what it granted to accesses that have left the working state.
	Gone *grantedSum
	// News, Expire and Past are as of an access.
	News   Time
	Expire Time
	Past   Time
	// Left is the log time at which it last left with something new to remember.
	Left Time

	folded *approvalState // what the acts come to; nil: to be folded
	rights []numbered     // those of its scopes
}

// approvalAct is one dated act on an approval, as its event said it. Fields that
// the event left out are zero and change nothing.
type approvalAct struct {
	T         Time
	ID        string // source|event id
	Seq       uint64
	What      string // granted, extended, ...
	Requester events.ID
	Consumers []events.ID
	Scopes    []events.Scope
	Start     Time
	End       Time
	EndKind   events.EndKind
	Basis     events.WindowBasis
	Duration  time.Duration
	DecidedAt Time
	DecidedBy events.ID
	Approvers []events.ID // who voted for it
	Actor     events.ID
	Kind      events.ApprovalKind
	Review    Time
	Ticket    string
	Reason    string
	Unc       time.Duration
}

// maxApprovalActs bounds one approval; more acts than this on one request are a
// broken source. What decides least goes first, and of that the oldest: a flood
// of requests does not push out the grant.
const maxApprovalActs = 256

// maxApprovalText bounds what they say, in bytes: a record of a million fits into no
// value of the state, and one event says up to a quarter of that.
const maxApprovalText = 1 << 19

// weight orders acts by how much they decide.
func (act approvalAct) weight() int {
	switch act.What {
	case "requested":
		return 0
	case "altered":
		return 1
	case "granted", "activated":
		return 3
	}
	return 2
}

// addAct merges an act in, in (time, source, id) order.
func (a *approval) addAct(n approvalAct) bool {
	less := func(x, y approvalAct) bool {
		if x.T != y.T {
			return x.T < y.T
		}
		return x.ID < y.ID
	}
	a.folded = nil
	i := sort.Search(len(a.Acts), func(i int) bool { return !less(a.Acts[i], n) })
	if i < len(a.Acts) && !less(n, a.Acts[i]) {
		a.Acts[i].Seq = min(a.Acts[i].Seq, n.Seq)
		return false
	}
	a.Acts = slices.Insert(a.Acts, i, n)
	kept := true
	for len(a.Acts) > maxApprovalActs || len(a.Acts) > 1 && a.text() > maxApprovalText {
		least := 0
		for i, act := range a.Acts {
			if act.weight() < a.Acts[least].weight() {
				least = i
			}
		}
		kept = kept && a.Acts[least].ID != n.ID
		a.Acts = slices.Delete(a.Acts, least, least+1)
	}
	return kept
}

// deciders are who voted for it and who decided.
func (act approvalAct) deciders() []events.ID {
	if act.DecidedBy == "" || slices.Contains(act.Approvers, act.DecidedBy) {
		return act.Approvers
	}
	return append(slices.Clip(act.Approvers), act.DecidedBy)
}

// decided is when the decision of an act was made.
func (act approvalAct) decided() Time {
	if act.DecidedAt != 0 {
		return act.DecidedAt
	}
	return act.T
}

// approvalState is an approval folded.
type approvalState struct {
	terms     // as last decided
	Kind      events.ApprovalKind
	Ticket    string
	Reason    string
	DecidedBy events.ID
	Windows   []Window
	Unc       time.Duration
	Granted   bool // approved at some time

	key   approvalKey
	asked asked
	// toActivate is how long each activation lasts, 0 where none is awaited.
	toActivate time.Duration
	// started is where the last window is said to begin, planned the end last
	// stated, before a review cuts it short.
	started, planned Time
}

// terms is what an approval allows, and whom.
type terms struct {
	Requester events.ID
	Consumers []events.ID
	Scopes    []events.Scope
}

// asked is what a request said. It allows nothing; a grant takes from it what it
// does not say itself.
type asked struct {
	terms
	window approvalAct
}

// with is the terms as an act states them anew: what it leaves out stays.
func (t terms) with(act approvalAct) terms {
	if act.Requester != "" {
		t.Requester = act.Requester
	}
	if len(act.Consumers) > 0 {
		t.Consumers = act.Consumers
	}
	if len(act.Scopes) > 0 {
		t.Scopes = act.Scopes
	}
	return t
}

func (t terms) equal(o terms) bool {
	return t.Requester == o.Requester && slices.Equal(t.Consumers, o.Consumers) && slices.Equal(t.Scopes, o.Scopes)
}

// users is who may use it.
func (t terms) users() []events.ID {
	if len(t.Consumers) > 0 {
		return t.Consumers
	}
	if t.Requester != "" {
		return []events.ID{t.Requester}
	}
	return nil
}

// consumerIDs is everybody who may use it in one of its windows.
func (s *approvalState) consumerIDs() []events.ID {
	out := slices.Clone(s.users())
	for _, w := range s.Windows {
		out = append(out, w.users()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// end is when the last window is over: 0 when there never was one.
func (s *approvalState) end() Time {
	var end Time
	for _, w := range s.Windows {
		if w.To > w.Nominal {
			end = max(end, w.To)
		}
	}
	return end
}

// begin is the earliest beginning of a window.
func (s *approvalState) begin() Time {
	begin := Forever
	for _, w := range s.Windows {
		begin = min(begin, w.From)
	}
	return begin
}

// fold plays the acts in order, once until there is another: each access of whoever
// may use the approval asks. What it returns is shared, and nobody's to change.
func (a *approval) fold() *approvalState {
	if a.folded == nil {
		s := &approvalState{key: a.Key}
		for i := range a.Acts {
			s.play(a.Acts[i])
		}
		a.folded = s
	}
	return a.folded
}

// play takes one act. Only decisions change whom and what the approval covers,
// and only from then on: a request decides nothing, and what was covered before
// stays so.
func (s *approvalState) play(act approvalAct) {
	if act.Ticket != "" {
		s.Ticket = act.Ticket
	}
	if act.Reason != "" {
		s.Reason = act.Reason
	}
	if act.What == "requested" {
		s.asked.terms = s.asked.with(act)
		if act.EndKind != "" {
			s.asked.window = act
		}
		return
	}
	s.Unc = max(s.Unc, act.Unc)
	switch act.What {
	case "granted":
		s.decide(act, s.asked.with(act))
		s.grant(act.windowFrom(s.asked.window))
		s.asked.window = approvalAct{}
	case "activated":
		if s.Granted {
			s.decide(act, s.with(act))
		} else {
			act = act.windowFrom(s.asked.window)
			s.decide(act, s.asked.with(act))
		}
		s.activate(act)
	case "extended":
		s.restate(act)
		s.extend(act)
	case "altered":
		s.restate(act)
		s.alter(act)
	case "denied":
		s.asked = asked{terms: s.terms}
		s.planned = min(s.planned, act.T)
		s.cut(act.T, act)
	case "revoked", "expired":
		s.planned = min(s.planned, act.T)
		s.cut(act.T, act)
	}
}

// decide takes the terms of a grant or an activation.
func (s *approvalState) decide(act approvalAct, t terms) {
	s.Granted, s.terms, s.asked.terms = true, t, t
	s.decidedBy(act)
}

func (s *approvalState) decidedBy(act approvalAct) {
	if act.DecidedBy != "" {
		s.DecidedBy = act.DecidedBy
	}
	if act.Kind != "" {
		s.Kind = act.Kind
	}
}
