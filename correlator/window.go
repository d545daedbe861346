package correlator

import "github.com/overstay/overstay/events"

// Window is one stretch in which an approval authorises.
type Window struct {
	terms    // whom and what it covers
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
	// was are the ends that it had before, oldest first.
	was []formerEnd
}

// formerEnd is an end that a later decision brought nearer.
type formerEnd struct{ Until, To Time }

// toAsOf is the end as it was decided by a time.
func (w *Window) toAsOf(t Time) Time {
	for _, f := range w.was {
		if t < f.Until {
			return f.To
		}
	}
	return w.To
}

// same reports whether both are one stretch. An approval is folded more than
// once in a step; its stretches are told apart by what they say.
func (w *Window) same(o *Window) bool {
	return w.Approval == o.Approval && w.ID == o.ID && w.Nominal == o.Nominal && w.From == o.From && w.To == o.To && w.terms.equal(o.terms)
}

// windowFrom completes an act that states no window with one that was asked for.
func (act approvalAct) windowFrom(asked approvalAct) approvalAct {
	if act.EndKind == "" && asked.EndKind != "" {
		act.Start, act.End, act.EndKind = asked.Start, asked.End, asked.EndKind
		act.Basis, act.Duration = asked.Basis, asked.Duration
		if act.Review == 0 {
			act.Review = asked.Review
		}
	}
	return act
}

// until is the end that an act states for a stretch that begins at start, before
// any review: Forever for never and unknown.
func (act approvalAct) until(start Time) Time {
	switch {
	case act.EndKind == events.EndAt && act.End != 0:
		return act.End
	case act.Duration > 0:
		return start.Add(act.Duration)
	}
	return Forever
}

// reviewed cuts an end at the act's next review.
func (act approvalAct) reviewed(end Time) Time {
	if act.Review != 0 {
		return min(end, act.Review)
	}
	return end
}

func (s *approvalState) grant(act approvalAct) {
	if act.Basis == events.BasisActivation && act.End == 0 && act.EndKind == events.EndAt {
		s.toActivate = act.Duration
		return // nothing until it is activated
	}
	if act.EndKind == "" && s.end() > act.decided() {
		return // it repeats the decision that is in force
	}
	start := act.Start
	if start == 0 {
		start = act.decided()
	}
	s.plan(act, start, act.until(start))
}

func (s *approvalState) activate(act approvalAct) {
	start := act.Start
	if start == 0 {
		start = act.T
	}
	if act.EndKind == "" {
		if s.toActivate == 0 {
			return // it uses the window that was granted
		}
		act.EndKind, act.Duration = events.EndAt, s.toActivate
	}
	s.plan(act, start, act.until(start))
}

// plan adds a stretch up to a stated end or the review before it.
func (s *approvalState) plan(act approvalAct, start, end Time) {
	s.started, s.planned = start, end
	s.add(act, start, act.reviewed(end))
}

func (s *approvalState) add(act approvalAct, start, end Time) {
	s.Windows = append(s.Windows, Window{
		terms: s.terms, Approval: s.key, Nominal: start, From: max(start, act.decided()), To: end,
		Decided: act.decided(), UnknownEnd: end == Forever && (act.EndKind == events.EndUnknown || act.EndKind == ""),
		By: act.DecidedBy, ID: act.ID,
	})
}

// extend goes on from the old end, for as long or until when the act says.
func (s *approvalState) extend(act approvalAct) {
	if s.toActivate != 0 && len(s.Windows) == 0 && act.End == 0 && act.Duration > 0 {
		s.toActivate += act.Duration
		return
	}
	old := s.end()
	if old == 0 {
		s.Granted = true // its grant was before our time
		s.grant(act)
		return
	}
	from := old
	if act.Start != 0 {
		from = act.Start
	}
	s.planned = act.until(from)
	s.moveEnd(act, act.reviewed(s.planned))
}

// alter restates the window, or moves the next review alone.
func (s *approvalState) alter(act approvalAct) {
	switch {
	case len(s.Windows) == 0:
		if s.toActivate != 0 && act.Duration > 0 {
			s.toActivate = act.Duration
		}
		return
	case act.EndKind != "":
		if act.Start != 0 {
			s.started = act.Start
		}
		s.planned = act.until(s.started) // an extension began nothing
	case act.Review == 0:
		return
	}
	s.moveEnd(act, act.reviewed(s.planned))
}

// moveEnd moves the end: further out it opens a stretch from the old end on, as
// of its decision; nearer it cuts, though not before it was said.
func (s *approvalState) moveEnd(act approvalAct, end Time) {
	old := s.end()
	switch {
	case end > old:
		begin := max(old, min(act.Start, end))
		if old == 0 { // all that was granted was empty
			begin = max(begin, s.Windows[len(s.Windows)-1].Nominal)
		}
		s.add(act, begin, end)
	case end < old:
		s.cut(max(end, act.T), act)
	}
}

// restate puts new terms in force: what is left of the stretches goes on under
// them from the decision on. For whom or what the terms add, the time before it
// is ratified; for what they leave out, cover ends there.
func (s *approvalState) restate(act approvalAct) {
	s.decidedBy(act)
	now := s.with(act)
	s.asked.terms = s.asked.with(act)
	said := len(act.Consumers) > 0 || len(act.Scopes) > 0 || now.Requester != s.Requester
	s.terms = now
	if !said {
		return
	}
	at := act.decided()
	before := len(s.Windows)
	for i := range before {
		w := s.Windows[i]
		if w.To <= at || w.terms.equal(now) {
			continue
		}
		s.Windows[i].endAt(at, at)
		w.terms, w.From, w.Decided, w.was = now, max(w.From, at), max(w.Decided, at), nil
		w.By, w.ID = act.DecidedBy, act.ID
		// Stretches that now go on together become one, so that their number
		// does not grow with each alteration.
		if n := len(s.Windows); n > before && s.Windows[n-1].joins(w) {
			s.Windows[n-1] = s.Windows[n-1].union(w)
			continue
		}
		s.Windows = append(s.Windows, w)
	}
}

// joins reports whether both are in force from one time on without a break.
func (w Window) joins(o Window) bool {
	return w.From == o.From && w.Nominal <= o.To && o.Nominal <= w.To
}

func (w Window) union(o Window) Window {
	if o.To > w.To {
		w.To, w.UnknownEnd = o.To, o.UnknownEnd
	}
	w.Nominal, w.Decided = min(w.Nominal, o.Nominal), max(w.Decided, o.Decided)
	return w
}

// cut ends every stretch at t, as an act decided.
func (s *approvalState) cut(t Time, act approvalAct) {
	for i := range s.Windows {
		if s.Windows[i].To > t {
			s.Windows[i].endAt(t, act.decided())
		}
	}
}

// endAt brings the end nearer, by a decision of some time.
func (w *Window) endAt(t, decided Time) {
	w.was = append(w.was, formerEnd{decided, w.To})
	w.To, w.UnknownEnd = t, false
}
