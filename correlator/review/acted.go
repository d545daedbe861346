package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// ActedQuery asks who acted in a range of time.
type ActedQuery struct {
	// From and To bound the events' own times, To left out; a zero time bounds nothing.
	From, To time.Time
	// KnownAt, Subject and Scope are as of [AsOfQuery].
	KnownAt time.Time
	Subject events.ID
	Scope   correlator.ScopePattern
}

// ActedAnswer is who acted.
type ActedAnswer struct {
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	KnownAt  time.Time `json:"knownAt"`
	Position uint64    `json:"position"`
	Policy   string    `json:"policy"`
	Label    Label     `json:"label"`
	Acts     []Act     `json:"acts"`
}

// Act is one use of an access, or the beginning or end of a session.
type Act struct {
	Cited
	// As is whom the event names, "" for nobody: then it was the holder of the access.
	As          events.ID `json:"as,omitzero"`
	Workload    events.ID `json:"workload,omitzero"`
	Interactive *bool     `json:"interactive,omitempty"`
	// Access is what was used, as it was held then.
	Access Access `json:"access"`
	// Held says whether it was, as far as is known.
	Held bool `json:"held"`
	// Joined is what makes the holder and everybody else in Access.Person one.
	Joined    []Tie   `json:"joined"`
	Judgement string  `json:"judgement,omitzero"`
	Under     []Cover `json:"under"`
	// Alerts are those about this access.
	Alerts []string `json:"alerts,omitempty"`
}

// Tie is why two ids are one person.
type Tie struct {
	A events.ID `json:"a"`
	B events.ID `json:"b"`
	// By is "policy", or the "source|id" of the event that says so.
	By string `json:"by"`
	// How: "link" (stated), "alias" (both in one record), "join" (the policy joins
	// their realms).
	How string `json:"how"`
}

// spoken is an event with its position.
type spoken struct {
	ev  events.Event
	seq uint64
}

// access is what an event says was used.
func (s spoken) access() (AccessName, bool) {
	switch d := s.ev.Data.(type) {
	case *events.Use:
		name := AccessName{d.Access.Kind, d.Access.Source, d.Access.ID}
		if name.Source == "" {
			name.Source = s.ev.Source
		}
		return name, true
	case *events.Session:
		return AccessName{events.KindSession, s.ev.Source, d.SessionID}, true
	}
	return AccessName{}, false
}

// WhoActed answers who acted, from what sources say of uses and sessions.
func WhoActed(ctx context.Context, src *Source, q ActedQuery) (ActedAnswer, error) {
	out := ActedAnswer{From: q.From, To: q.To, Label: src.Label, Acts: []Act{}}
	var said []spoken
	seen, err := src.replay(ctx, q.KnownAt, Options{Tell: nothing, Watch: func(m correlator.Message, r correlator.Result, _ *correlator.View) {
		s := spoken{m.Event, m.Origin.Seq}
		if _, acts := s.access(); acts && m.Event.Data.Common().Effect == events.Done && r.Outcome != correlator.Unauthorised && q.when(m.Event.Time) {
			said = append(said, s)
		}
	}}, nil)
	if err != nil {
		return out, fmt.Errorf("who acted: %w", err)
	}
	v := seen.View
	out.KnownAt, out.Position, out.Policy = instant(v.Now()), seen.Last, v.Policy()
	known := map[string]bool{}
	for _, s := range said {
		if key := s.ev.Source + "|" + s.ev.ID; !known[key] { // once, though it may have been read twice
			known[key] = true
			if act, wanted := q.act(v, s); wanted {
				out.Acts = append(out.Acts, act)
			}
		}
	}
	slices.SortStableFunc(out.Acts, func(a, b Act) int { return a.At.Compare(b.At) })
	return out, ctx.Err()
}

func (q ActedQuery) when(t time.Time) bool {
	return !t.Before(q.From) && (q.To.IsZero() || t.Before(q.To))
}

// act is what an event tells, if it was asked for.
func (q ActedQuery) act(v *correlator.View, s spoken) (Act, bool) {
	out := Act{
		Cited: Cited{Evidence{s.ev.Source + "|" + s.ev.ID, s.seq}, s.ev.Time, s.ev.Type.Short()}, As: s.ev.Subject, Joined: []Tie{}, Under: []Cover{},
	}
	if use, ok := s.ev.Data.(*events.Use); ok {
		out.Workload, out.Interactive = use.Workload, use.Interactive
	}
	name, _ := s.access()
	a, known := v.Access(name.Kind, name.Source, name.ID)
	if !known {
		out.Access = Access{AccessName: name}
		return out, q.Subject == "" && q.Scope == correlator.ScopePattern{}
	}
	t := correlator.At(s.ev.Time)
	st := stretchOf(a, t)
	out.Access, out.Alerts = accessOf(v, a, st), a.Alerts
	if out.Held = !a.Scope.IsZero() && st.Start <= t && t <= st.End; out.Held {
		out.Judgement, _ = st.JudgedAt(t)
		for _, c := range st.Covers {
			if c.From <= t && t < c.To {
				out.Under = append(out.Under, coverOf(v, c))
			}
		}
	}
	out.Joined = tiesOf(v, a.Subject, st.Start)
	wanted := q.Subject == "" || isPerson(v, q.Subject, a, st) || out.As == q.Subject
	return out, wanted && scopeIn(q.Scope, a.Scope)
}

// stretchOf is the stretch that a time lies in, else the last that began by then, else
// the first.
func stretchOf(a correlator.AccessView, t correlator.Time) correlator.StretchView {
	var out correlator.StretchView
	for i, st := range a.Stretches {
		if i == 0 || st.Start <= t {
			out = st
		}
	}
	return out
}

func tiesOf(v *correlator.View, id events.ID, at correlator.Time) []Tie {
	out := []Tie{}
	if id == "" {
		return out
	}
	for _, t := range v.Ties(id, at) {
		tie := Tie{A: t.A, B: t.B, By: t.By, How: "link"}
		switch {
		case t.Join:
			tie.How = "join"
		case t.Alias:
			tie.How = "alias"
		}
		out = append(out, tie)
	}
	return out
}
