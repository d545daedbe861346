package correlator

// AlertState is where an alert stands. Any state may follow any other as the
// next revision: recurrence raises again, a late fact retracts.
type AlertState string

// The states.
const (
	Raised    AlertState = "raised"
	Updated   AlertState = "updated"
	Resolved  AlertState = "resolved"
	Retracted AlertState = "retracted"
)

// ledger is what was published about one alert, and the counts by which the next
// difference is found.
type ledger struct {
	Key      string
	ID       string
	fresh    bool       // not stored yet
	State    AlertState // "" before the first revision
	Rev      uint64
	RaisedAt Time

	Open      int
	Closed    int
	Owners    int    // of these facets: an access with two gaps is one
	Claimed   int    // open, but an end was claimed
	Firm      [6]int // open and confirmed, by severity
	Loose     [6]int // open and provisional, by severity
	Closings  map[Closing]int
	Withdrawn int

	// As last published.
	Severity    Severity
	Provisional bool
	Announced   int
	Marked      bool
	LastClosing Closing
	// Lifted: suppressions up to this position hold no more for it. Bears and
	// LastMark are the marks that it was last told with: how many, and the newest.
	Lifted   uint64
	Bears    int
	LastMark uint64
	// TakenOver is the run of system.told that it was compared with.
	TakenOver string
	// ToldEpoch and ToldSeq are the position of the message that it was last told of.
	ToldEpoch uint64
	ToldSeq   uint64
	// What was last said, for when nothing is left to say it of.
	What string
	Told Time
}

// touchLedger asks for an alert to be compared with what was published.
func (s *step) touchLedger(k string) *ledger {
	if !s.revised[k] {
		s.revised[k], s.changed[keyLedger+k] = true, true
		s.alerts = append(s.alerts, k)
		if l := s.ledger(k); l.fresh {
			l.fresh = false
			s.Working.introduce(keyLedger + k)
		}
	}
	return s.ledger(k)
}

// count adds a facet to the counts, or takes it out with d = -1.
func (l *ledger) count(f facet, d int) {
	if !f.open() {
		l.Closed += d
		if l.Closings == nil {
			l.Closings = map[Closing]int{}
		}
		if l.Closings[f.Closed] += d; l.Closings[f.Closed] == 0 {
			delete(l.Closings, f.Closed)
		}
		return
	}
	l.Open += d
	if f.Claimed != 0 {
		l.Claimed += d
	}
	if f.Provisional {
		l.Loose[f.Severity] += d
	} else {
		l.Firm[f.Severity] += d
	}
}

// grade is the severity of the open facets, and whether all are provisional.
func (l *ledger) grade() (Severity, bool) {
	for sev := Critical; sev >= Informational; sev-- {
		if l.Firm[sev] > 0 {
			return sev, false
		}
	}
	for sev := Critical; sev >= Informational; sev-- {
		if l.Loose[sev] > 0 {
			return sev, true
		}
	}
	return l.Severity, l.Provisional
}

// tell publishes the differences between the ledgers and what is so now.
func (s *step) tell() {
	for _, k := range s.alerts {
		s.revise(s.ledger(k))
	}
}

// revise compares one alert with what was published of it.
func (s *step) revise(l *ledger) {
	standing := l.State == Raised || l.State == Updated
	total := l.Open + l.Closed
	switch {
	case total == 0:
		s.withdraw(l, standing)
	case l.Open == 0 && standing:
		s.publish(l, Resolved)
	case l.Open == 0 && l.State != Resolved:
		// Over before it became known: a short overrun is not lost.
		s.publish(l, Raised)
		s.publish(l, Resolved)
	case l.Open == 0:
		if total >= 2*l.Announced || l.closing() != l.LastClosing {
			s.publish(l, Resolved)
		}
	case !standing:
		s.publish(l, Raised)
	default:
		sev, prov := l.grade()
		// A severity that falls while the alert stands is no news.
		if sev > l.Severity || prov != l.Provisional || total >= 2*l.Announced || (l.Claimed == l.Open) != l.Marked || !l.sameMarks(s.marksOf(l)) {
			s.publish(l, Updated)
		}
	}
}

// withdraw tells that nothing is left of an alert.
func (s *step) withdraw(l *ledger, standing bool) {
	if l.State == "" || l.State == Retracted {
		return
	}
	parts := partsOf(l.Key)
	why, explained := s.gone[l.Key]
	switch {
	case explained:
		if standing {
			s.publishClosed(l, Resolved, why)
		}
	case ruleByID(parts.Rule).Retracts:
		s.publishClosed(l, Retracted, closedWithdrawn)
	case standing:
		s.publishClosed(l, Resolved, s.vanished(parts))
	}
}

// vanished says why a report-based alert is over.
func (s *step) vanished(p alertParts) Closing {
	if p.Rule != ruleSourceBlind.ID {
		return ClosedOtherwise
	}
	if r := s.source(p.Source); r != nil && r.Open == 0 && s.meta.ActiveWindows == 0 {
		return ClosedNotNeeded
	}
	return ClosedHeard
}

// closings are the ways in which a facet can be over, the weakest first.
var closings = []Closing{
	ClosedUnproven, ClosedOutlived, ClosedRatified, ClosedRecovered, ClosedReenabled, ClosedShortened, ClosedRotated, ClosedOwned, ClosedOtherwise, ClosedEnded, ClosedConfirmed,
}

// closing names the closing of a resolved alert: the weakest of its facets', so
// that one unproven end is not hidden behind a thousand proven ones.
func (l *ledger) closing() Closing {
	for _, c := range closings {
		if l.Closings[c] > 0 {
			return c
		}
	}
	return ""
}

func (s *step) publish(l *ledger, state AlertState) { s.publishClosed(l, state, l.closing()) }

// publishClosed makes the next revision.
func (s *step) publishClosed(l *ledger, state AlertState, why Closing) {
	if l.State == "" {
		s.expire(keyLedger+l.Key, s.now().Add(tombstoneFor))
	}
	s.takeOver(l)
	l.Rev++
	l.Told, l.ToldEpoch, l.ToldSeq = s.now(), s.msg.Origin.Epoch, s.msg.Origin.Seq
	if state == Raised {
		if !s.restating || l.RaisedAt == 0 {
			l.RaisedAt = s.now()
		}
		why = ""
	}
	if state == Updated {
		why = ""
	}
	was := l.Severity
	if l.Open > 0 || state == Raised {
		sev, prov := s.gradeFor(l)
		if state == Updated && prov == l.Provisional {
			sev = max(sev, l.Severity)
		}
		l.Severity, l.Provisional = sev, prov
	}
	if state == Updated {
		s.lift(l, was)
	}
	l.State, l.LastClosing = state, why
	l.Announced = l.Open + l.Closed
	l.Marked = l.Open > 0 && l.Claimed == l.Open
	a := s.alert(l, state, why)
	a.Recomputed = s.restating
	if l.standing() {
		a.Marks = s.marksOf(l)
	}
	l.Bears, l.LastMark = len(a.Marks), lastMark(a.Marks)
	l.What = a.was()
	s.out.Publish = append(s.out.Publish, Publication{Alert: a})
}

// leaveLedger forgets an alert that is over, was last told of long ago, and counts
// nothing that is still judged. Its next revision, should it ever come, goes on from
// the last: an id and a revision are never two things.
func (s *step) leaveLedger(k string) {
	l := s.ledger(k)
	due := l.Told.Add(tombstoneFor)
	counts := false
	s.st.Scan(prefixOf(indexFacet, k), nil, func(_, _ []byte) bool {
		counts = true
		return false
	})
	if standing := l.State == Raised || l.State == Updated; standing || counts || s.revised[k] || s.now() < due {
		s.expire(keyLedger+k, max(due, s.now().Add(tombstoneFor/90)))
		return
	}
	s.departsAlert(l)
	s.keepRevision(l.ID, l.Rev)
	s.drop(keyLedger + k)
	s.ledgers.drop(k)
}

// gradeFor is the severity to publish: of the open facets, or, for an overrun
// that was over when it became known, of the closed ones.
func (s *step) gradeFor(l *ledger) (Severity, bool) {
	if l.Open > 0 {
		return l.grade()
	}
	sev, prov := Informational, true
	for _, o := range s.exemplars(l) {
		sev = max(sev, o.facet.Severity)
		prov = prov && o.facet.Provisional
	}
	return sev, prov
}
