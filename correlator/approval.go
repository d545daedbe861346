package correlator

import (
	"sort"
	"time"

	"github.com/overstay/overstay/events"
)

// approval is everything known about one approval.
type approval struct {
	Key  approvalKey   `json:"key"`
	Acts []approvalAct `json:"acts"`

	// Derived.
	Indexed []events.ID `json:"indexed,omitempty"`
	Wake    Time        `json:"wake,omitempty"`
	Waits   []wait      `json:"waits,omitempty"`
	Active  bool        `json:"active,omitempty"` // counted in meta.ActiveWindows
	Granted int         `json:"granted,omitempty"`
	Open    int         `json:"open,omitempty"` // granted and not ended
	// SealReady is the log time since which the present seal could be said.
	SealReady Time   `json:"sealReady,omitempty"`
	SealRev   uint64 `json:"sealRev,omitempty"`
	SealSum   string `json:"sealSum,omitempty"`
	// Sum is what it granted, where a job had to sum that up; Summing is that
	// job while it is under way (0: none), Outdated that something changed since
	// it began.
	Sum      *grantedSum `json:"sum,omitempty"`
	Summing  uint64      `json:"summing,omitempty"`
	Outdated bool        `json:"outdated,omitempty"`
}

// approvalAct is one dated act on an approval, as its event said it. Fields that
// the event left out are zero and change nothing.
type approvalAct struct {
	T         Time                `json:"t"`
	ID        string              `json:"id"` // source|event id
	Seq       uint64              `json:"seq"`
	What      string              `json:"what"` // granted, extended, ...
	Requester events.ID           `json:"requester,omitempty"`
	Consumers []events.ID         `json:"consumers,omitempty"`
	Scopes    []events.Scope      `json:"scopes,omitempty"`
	Start     Time                `json:"start,omitempty"`
	End       Time                `json:"end,omitempty"`
	EndKind   events.EndKind      `json:"endKind,omitempty"`
	Basis     events.WindowBasis  `json:"basis,omitempty"`
	Duration  time.Duration       `json:"duration,omitempty"`
	DecidedAt Time                `json:"decidedAt,omitempty"`
	DecidedBy events.ID           `json:"decidedBy,omitempty"`
	Kind      events.ApprovalKind `json:"kind,omitempty"`
	Review    Time                `json:"review,omitempty"`
	Ticket    string              `json:"ticket,omitempty"`
	Unc       time.Duration       `json:"unc,omitempty"`
}

// maxApprovalActs bounds one approval; more acts than this on one request are
// a broken source, and the oldest go.
const maxApprovalActs = 256

// addAct merges an act in, in (time, source, id) order.
func (a *approval) addAct(n approvalAct) bool {
	less := func(x, y approvalAct) bool {
		if x.T != y.T {
			return x.T < y.T
		}
		return x.ID < y.ID
	}
	i := sort.Search(len(a.Acts), func(i int) bool { return !less(a.Acts[i], n) })
	if i < len(a.Acts) && !less(n, a.Acts[i]) {
		a.Acts[i].Seq = min(a.Acts[i].Seq, n.Seq)
		return false
	}
	a.Acts = append(a.Acts, approvalAct{})
	copy(a.Acts[i+1:], a.Acts[i:])
	a.Acts[i] = n
	if len(a.Acts) > maxApprovalActs {
		a.Acts = a.Acts[len(a.Acts)-maxApprovalActs:]
	}
	return true
}

// Window is one stretch in which an approval authorises.
type Window struct {
	Approval approvalKey
	// Nominal is where the stretch was meant to begin; From is where it does:
	// not before it was decided. What lies between was ratified after the fact.
	Nominal Time
	From    Time
	To      Time
	// Decided is when the decision was made: earlier decisions that reach us
	// late retract an alert, later ones resolve it.
	Decided Time
	// UnknownEnd: it ends, but nobody said when.
	UnknownEnd bool
	By         events.ID
	ID         string // the deciding event
}

// approvalState is an approval folded.
type approvalState struct {
	Requester events.ID
	Consumers []events.ID
	Scopes    []events.Scope
	Kind      events.ApprovalKind
	Ticket    string
	DecidedBy events.ID
	Windows   []Window
	Unc       time.Duration
	Granted   bool // approved at some time
	LastID    string
}

// consumerIDs is who may use it.
func (s *approvalState) consumerIDs() []events.ID {
	if len(s.Consumers) > 0 {
		return s.Consumers
	}
	if s.Requester != "" {
		return []events.ID{s.Requester}
	}
	return nil
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

// fold plays the acts in order. Attributes are as last stated; windows are what
// grants, extensions, revocations and reviews leave.
func (a *approval) fold() approvalState {
	var s approvalState
	for _, act := range a.Acts {
		s.attributes(act)
		s.LastID = act.ID
		switch act.What {
		case "granted":
			s.Granted = true
			s.grant(a.Key, act)
		case "activated":
			s.Granted = true
			s.activate(a.Key, act)
		case "extended":
			s.extend(a.Key, act)
		case "altered":
			if act.EndKind != "" && len(s.Windows) > 0 {
				s.extend(a.Key, act)
			}
		case "revoked", "denied", "expired":
			s.cut(act.T)
		}
	}
	return s
}

func (s *approvalState) attributes(act approvalAct) {
	if act.Requester != "" {
		s.Requester = act.Requester
	}
	if len(act.Consumers) > 0 {
		s.Consumers = act.Consumers
	}
	if len(act.Scopes) > 0 {
		s.Scopes = act.Scopes
	}
	if act.Kind != "" {
		s.Kind = act.Kind
	}
	if act.Ticket != "" {
		s.Ticket = act.Ticket
	}
	if act.DecidedBy != "" {
		s.DecidedBy = act.DecidedBy
	}
	s.Unc = max(s.Unc, act.Unc)
}

// decided is when the decision of an act was made.
func (act approvalAct) decided() Time {
	if act.DecidedAt != 0 {
		return act.DecidedAt
	}
	return act.T
}

// until is the end that an act states: Forever for never and unknown.
func (act approvalAct) until() Time {
	end := Forever
	if act.EndKind == events.EndAt && act.End != 0 {
		end = act.End
	}
	if act.Review != 0 {
		end = min(end, act.Review)
	}
	return end
}

func (s *approvalState) grant(key approvalKey, act approvalAct) {
	if act.Basis == events.BasisActivation && act.End == 0 && act.EndKind == events.EndAt {
		return // nothing until it is activated
	}
	start := act.Start
	if start == 0 {
		start = act.decided()
	}
	end := act.until()
	if act.EndKind == events.EndAt && act.End == 0 && act.Duration > 0 {
		end = start.Add(act.Duration)
	}
	s.add(key, act, start, end)
}

func (s *approvalState) activate(key approvalKey, act approvalAct) {
	start := act.Start
	if start == 0 {
		start = act.T
	}
	end := act.until()
	if act.Duration > 0 && (act.End == 0 || act.EndKind != events.EndAt) {
		end = start.Add(act.Duration)
	} else if act.EndKind == "" {
		// The activation says nothing of its end: the grant's duration holds.
		return
	}
	s.add(key, act, start, end)
}

func (s *approvalState) add(key approvalKey, act approvalAct, start, end Time) {
	s.Windows = append(s.Windows, Window{
		Approval: key, Nominal: start, From: max(start, act.decided()), To: end,
		Decided: act.decided(), UnknownEnd: act.EndKind == events.EndUnknown || act.EndKind == "",
		By: act.DecidedBy, ID: act.ID,
	})
}

// extend moves the end: further out it opens a window from the old end on, as of
// its decision; nearer it cuts, though not before it was said.
func (s *approvalState) extend(key approvalKey, act approvalAct) {
	old := s.end()
	end := act.until()
	switch {
	case old == 0:
		s.grant(key, act)
	case end > old:
		s.add(key, act, old, end)
	case end < old:
		s.cut(max(end, act.T))
	}
}

// cut ends every window at t.
func (s *approvalState) cut(t Time) {
	for i := range s.Windows {
		w := &s.Windows[i]
		if w.To > t {
			w.To = t
			w.UnknownEnd = false
		}
	}
}
