package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

func keyOf(x correlator.AccessView) laneKey { return laneKey{LaneKind(x.Kind), x.Source, x.ID} }

// instant is a time as a lane has it: zero where it is unknown or without bound.
func instant(t correlator.Time) time.Time {
	if t == correlator.Ever || t == correlator.Forever {
		return time.Time{}
	}
	return t.Std()
}

// approvalLane shows one approval.
func (c *timelineRun) approvalLane(a correlator.ApprovalRecord) *Lane {
	l := &Lane{
		Kind: LaneApproval, Source: a.Source, ID: a.ID, Scopes: a.Scopes, DecidedBy: a.DecidedBy, Ticket: a.Ticket, Alerts: a.Alerts,
		Subject: a.Requester,
	}
	if len(a.Consumers) > 0 {
		l.Subject = a.Consumers[0]
	}
	for _, w := range a.Windows {
		start := evidence(w.Event, a.Facts)
		if w.From > w.Nominal {
			l.Spans = append(l.Spans, Span{State: SpanRatified, From: instant(w.Nominal), To: instant(w.From), Approval: a.ID, Start: start})
		}
		s := Span{State: SpanWindow, From: instant(w.From), To: instant(w.To), Approval: a.ID, Start: start, End: endOf(w.To, a.Facts)}
		if w.To == correlator.Forever {
			s.Open, s.To = true, c.out.View.Now().Std()
		}
		if w.UnknownEnd {
			s.State = SpanUnknownEnd
		}
		if s.Open || s.From.Before(s.To) {
			l.Spans = append(l.Spans, s)
		}
	}
	c.addFacts(l, a.Facts)
	l.Marks = append(l.Marks, c.seals[laneKey{LaneApproval, a.Source, a.ID}]...)
	return l
}

// evidence finds the position of an event among facts.
func evidence(event string, facts []correlator.Fact) *Evidence {
	if event == "" {
		return nil
	}
	e := &Evidence{Event: event}
	for _, f := range facts {
		if f.Event == event {
			e.Position = f.Seq
		}
	}
	return e
}

// endOf is the fact that states an end, the last that does.
func endOf(to correlator.Time, facts []correlator.Fact) *Evidence {
	for _, f := range slices.Backward(facts) {
		if f.Expiry == to || f.At == to {
			return &Evidence{f.Event, f.Seq}
		}
	}
	return nil
}

// addFacts makes marks of facts; more of them is read from the log later.
func (c *timelineRun) addFacts(l *Lane, facts []correlator.Fact) {
	for _, f := range facts {
		known, _ := c.knownAt(f.Seq)
		m := Mark{
			What: plainWord(f.What), At: instant(f.At), Since: instant(f.Lo), Known: known, Expiry: instant(f.Expiry),
			Basis: string(f.Basis), Note: f.Note, Evidence: Evidence{f.Event, f.Seq},
		}
		if !slices.ContainsFunc(l.Marks, func(o Mark) bool { return o.Evidence == m.Evidence && o.What == m.What && o.At.Equal(m.At) }) {
			l.Marks = append(l.Marks, m)
		}
	}
}

// plainWord is what a fact is called on a mark: the lane says of what it is.
func plainWord(what string) string {
	kind, act, _ := strings.Cut(what, " ")
	words := map[string]string{
		"session start": "started", "lease start": "issued", "membership start": "added",
		"session end": "ended", "lease end": "ended", "membership end": "removed",
	}
	if w, ok := words[what]; ok {
		return w
	}
	switch act {
	case "renew":
		return "renewed"
	case "alive":
		return "seen"
	case "use":
		return "used"
	case "failed":
		return "revocation failed"
	case "refused":
		return "probe refused"
	case "void":
		return "did not happen"
	}
	return cmp.Or(act, kind)
}

// accessLane shows one access.
func (c *timelineRun) accessLane(x correlator.AccessView, v *correlator.View) *Lane {
	l := &Lane{
		Kind: LaneKind(x.Kind), Source: x.Source, ID: x.ID, Subject: x.Subject, Credential: x.Credential, Judgement: x.Judgement,
	}
	if !x.Scope.IsZero() {
		l.Scopes = []events.Scope{x.Scope}
	}
	l.Alerts = slices.Concat(x.Alerts, c.toldOf(keyOf(x)))
	slices.Sort(l.Alerts)
	l.Alerts = slices.Compact(l.Alerts)
	c.addFacts(l, x.Facts)
	for _, st := range x.Stretches {
		c.addStretch(l, st, x.Facts, v)
	}
	return l
}

// addStretch adds one time of holding an access: what covered it, and piece by piece
// how it was.
func (c *timelineRun) addStretch(l *Lane, st correlator.StretchView, facts []correlator.Fact, v *correlator.View) {
	for _, cv := range st.Covers {
		b := Band{From: instant(cv.From), To: instant(cv.To), Source: cv.Source, Approval: cv.Approval, Grants: cv.Grants, Partial: !cv.Full}
		if cv.From < cv.To && !slices.Contains(l.Windows, b) {
			l.Windows = append(l.Windows, b)
		}
	}
	end, open := st.End, st.End == correlator.Forever
	if open {
		end, l.Open = v.Now(), true
	}
	pieces := c.pieces(st, end, v.Grace(events.AccessKind(l.Kind)))
	if len(pieces) == 0 {
		return
	}
	first, last := &pieces[0], &pieces[len(pieces)-1]
	if st.StartLo == correlator.Ever {
		first.From = time.Time{}
	}
	first.Start = evidence(st.StartEvent, facts)
	last.Open, last.Basis, last.End = open, string(st.Basis), evidence(st.EndEvent, facts)
	if open {
		last.Basis = ""
	}
	if st.StartLo != correlator.Ever && st.StartLo != 0 && st.StartLo < st.Start {
		l.Spans = append(l.Spans, Span{State: SpanMaybe, From: instant(st.StartLo), To: instant(st.Start), Start: first.Start})
	}
	for _, p := range pieces {
		if p.State == SpanOverrun {
			l.Overrun = max(l.Overrun, events.Duration(p.To.Sub(p.From)))
		}
	}
	l.Spans = append(l.Spans, pieces...)
	if tail, ok := c.tail(st, facts, v.Now()); ok {
		if tail.State == SpanMaybe { // what may have ended before is no longer sure
			trim(l, tail)
		}
		l.Spans = append(l.Spans, tail)
	}
}

// pieces cuts a stretch into what was covered and what was not.
func (c *timelineRun) pieces(st correlator.StretchView, end correlator.Time, grace time.Duration) []Span {
	held := SpanCovered
	if len(st.Covers) == 0 && st.Baseline {
		held = SpanBaseline
	}
	var out []Span
	add := func(state SpanState, from, to correlator.Time, g *correlator.GapView) {
		if to = min(to, end); from >= to {
			return
		}
		s := Span{State: state, From: instant(from), To: instant(to)}
		if g != nil {
			s.Approval, s.Used = g.After, g.Used
		}
		out = append(out, s)
	}
	at := st.Start
	for _, g := range st.Gaps {
		add(held, at, g.From, nil)
		state := SpanUncovered
		switch {
		case g.Ratified:
			state = SpanRatified
		case g.After != "" && min(g.To, end).Sub(g.From) <= grace:
			state = SpanGrace
		case g.After != "":
			state = SpanOverrun
		case st.Baseline:
			state = SpanBaseline
		}
		add(state, max(at, g.From), g.To, &g)
		at = max(at, g.To)
	}
	add(held, at, end, nil)
	if len(out) == 0 { // of no length
		out = append(out, Span{State: held, From: instant(st.Start), To: instant(end)})
	}
	return out
}

// tail is the time in which an access may have been held or not.
func (c *timelineRun) tail(st correlator.StretchView, facts []correlator.Fact, now correlator.Time) (Span, bool) {
	end := evidence(st.EndEvent, facts)
	switch {
	case st.End == correlator.Forever:
		return Span{}, false
	case st.Basis == correlator.Claimed:
		until := now
		if st.Expiry != 0 && st.Expiry != correlator.Forever && st.Expiry > st.End {
			until = min(until, st.Expiry)
		}
		s := Span{State: SpanClaimed, From: instant(st.End), To: instant(until), Basis: string(st.Basis), End: end}
		return s, st.End < until
	}
	unsure := st.Basis == correlator.Verified || st.Basis == correlator.Presumed ||
		slices.ContainsFunc(facts, func(f correlator.Fact) bool { return f.Event == st.EndEvent && f.At == st.End && f.Lo != 0 })
	from := max(st.EndLo, st.Start)
	if !unsure || from >= st.End {
		return Span{}, false
	}
	return Span{State: SpanMaybe, From: instant(from), To: instant(st.End), Basis: string(st.Basis), End: end}, true
}

// trim cuts what is uncertain off the pieces before it, save what is an overrun: that
// was told.
func trim(l *Lane, tail Span) {
	for i := range l.Spans {
		s := &l.Spans[i]
		if s.State == SpanOverrun || !s.To.After(tail.From) || s.To.After(tail.To) {
			continue
		}
		s.To = tail.From
	}
	l.Spans = slices.DeleteFunc(l.Spans, func(s Span) bool { return !s.From.IsZero() && !s.From.Before(s.To) && s.State != SpanMaybe })
}
