package review

import (
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// exposure is a time that the alert says an access was not covered in.
type exposure struct {
	access correlator.AccessView
	st     correlator.StretchView
	gap    correlator.GapView
	due    time.Time
}

// madeUp are suppositions of what did not happen: an end that was seen in time, and
// an approval that went on. They are about overruns of accesses, where all of them
// are known.
func (e *explaining) madeUp() []*supposition {
	var gaps []exposure
	first := e.out.Revisions[0]
	for _, f := range first.facets {
		i := slices.IndexFunc(e.accesses, func(a correlator.AccessView) bool { return nameOf(a) == AccessName{f.Kind, f.Source, f.ID} })
		from, err1 := time.Parse(time.RFC3339Nano, f.From)
		due, err2 := time.Parse(time.RFC3339Nano, f.Due)
		if i < 0 || err1 != nil || err2 != nil {
			return nil
		}
		st := stretchOf(e.accesses[i], correlator.At(from))
		gap, in := st.GapAt(correlator.At(from))
		if !in { // it was retracted: the gap is no more
			gap = correlator.GapView{From: correlator.At(from), To: st.End}
		}
		gaps = append(gaps, exposure{e.accesses[i], st, gap, due})
	}
	if len(gaps) == 0 || e.out.More > 0 {
		return nil
	}
	var out []*supposition
	for _, make := range []func([]exposure) (supposition, bool){e.ended, e.extended, e.approved} {
		if s, ok := make(gaps); ok {
			out = append(out, &s)
		}
	}
	return out
}

// until is when the last of the exposures was over; for those that are held, a time
// after the end of the log.
func (e *explaining) until(gaps []exposure) (at time.Time, words string) {
	for _, g := range gaps {
		if g.gap.To == correlator.Forever {
			at = e.end.Add(24 * time.Hour).Std()
			return at, "for as long as it is held, beyond " + clock(e.end.Std())
		}
		if to := g.gap.To.Std(); to.After(at) {
			at = to
		}
	}
	return at, "to " + clock(at)
}

// ended: the source had said that each access ended no later than the alert was due.
func (e *explaining) ended(gaps []exposure) (supposition, bool) {
	s := supposition{counter: Counterfactual{Kind: SupposedEnded}}
	for i, g := range gaps {
		data, typ, subject := endOfAccess(g.access)
		if data == nil || g.due.Before(g.st.Start.Std()) {
			return s, false
		}
		ev, err := events.New(typ, g.access.Source, fmt.Sprintf("supposed-end-%d", i+1), g.due, subject, data)
		if err != nil {
			return s, false // what is known of it does not make an event
		}
		s.said = append(s.said, ev)
		what := fmt.Sprintf("an end of %s %s at %s", g.access.Kind, g.access.ID, clock(g.due))
		if i > 0 {
			s.counter.Events[0].What += ", and " + what
		}
		s.counter.Events = append(s.counter.Events, Cited{Evidence{Event: ev.Source + "|" + ev.ID}, ev.Time, what})
	}
	return s, true
}

// endOfAccess is what the source of an access would say of its end.
func endOfAccess(a correlator.AccessView) (events.Data, events.Type, events.ID) {
	end := &events.End{Basis: events.EndObserved}
	switch a.Kind {
	case events.KindSession:
		return &events.Session{SessionID: a.ID, End: end}, events.SessionEnded, a.Subject
	case events.KindLease:
		return &events.Lease{LeaseID: a.ID, End: end}, events.LeaseRevoked, a.Subject
	case events.KindMembership:
		for _, path := range []events.MembershipPath{events.PathDirect, events.PathNested, events.PathPrimary} {
			if events.MembershipID(a.Subject, a.Scope, path) == a.ID {
				return &events.Membership{Scope: a.Scope, Path: path, End: end}, events.MembershipRemoved, a.Subject
			}
		}
	}
	return nil, "", ""
}

// extended: the approval had been extended, before its window ended, to when the last
// of the accesses was over.
func (e *explaining) extended(gaps []exposure) (supposition, bool) {
	s := supposition{counter: Counterfactual{Kind: SupposedExtended}}
	if e.out.Approval == "" {
		return s, false
	}
	to, words := e.until(gaps)
	at := gaps[0].gap.From.Std()
	for _, g := range gaps {
		if from := g.gap.From.Std(); from.Before(at) {
			at = from
		}
	}
	ev, err := events.New(events.ApprovalExtended, e.alert.ApprovalSource, "supposed-extension", at, "", &events.Approval{
		ApprovalID: e.out.Approval, Window: &events.Window{End: to, EndKind: events.EndAt},
	})
	if err != nil {
		return s, false
	}
	s.said = []events.Event{ev}
	s.counter.Events = []Cited{{Evidence{Event: ev.Source + "|" + ev.ID}, at, "an extension of " + e.out.Approval + " " + words}}
	return s, true
}

// approved: there had been another approval, to the holder and of what is held, from
// before it began to when it was over.
func (e *explaining) approved(gaps []exposure) (supposition, bool) {
	s := supposition{counter: Counterfactual{Kind: SupposedApproved}}
	if e.out.Approval != "" || len(e.approvers) == 0 || len(gaps) != 1 || gaps[0].access.Subject == "" {
		return s, false
	}
	g := gaps[0]
	to, words := e.until(gaps)
	from := g.gap.From.Std()
	ev, err := events.New(events.ApprovalGranted, e.approvers[0], "supposed-approval", from, g.access.Subject, &events.Approval{
		ApprovalID: "supposed-approval", Requester: g.access.Subject, Scopes: []events.Scope{g.access.Scope}, DecidedAt: from,
		Window: &events.Window{Start: from, End: to, EndKind: events.EndAt},
	})
	if err != nil {
		return s, false
	}
	s.said = []events.Event{ev}
	s.counter.Events = []Cited{{Evidence{Event: ev.Source + "|" + ev.ID}, from, fmt.Sprintf("an approval for %s of %s from %s %s", g.access.Subject, g.access.Scope, clock(from), words)}}
	return s, true
}
