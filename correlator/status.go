package correlator

import (
	"maps"
	"slices"
	"time"
)

// Glance is what the state says of itself without being searched.
type Glance struct {
	Now       Time
	NextDue   Time
	Backlog   bool // timers or jobs are waiting
	Leaving   bool // what is over waits to be looked at whether it can leave
	Open      int
	Timers    int
	Approvals int
	Windows   int // approvals with a window in force or to come
	Jobs      int
	Policy    string
	Held      Time // a jump of the clock that waits for an operator; 0: none
	Drift     bool
	Judgement map[string]int
	Sources   []SourceGlance
}

// SourceGlance is one source in a glance.
type SourceGlance struct {
	URI      string
	Coverage Time // Forever: not known
	Progress Time // 0: none was ever sent
	Heard    Time
	Owes     bool // it promises progress
	// Silence is for how long it may say nothing before it counts as blind.
	Silence time.Duration
	Open    int
	Events  int
	// Unauthorised counts the events besides for which it had no authority, copies included.
	Unauthorised int

	Blind   string   // why, "" when it is not
	Late    int      // facts that came too late for anything
	Gone    bool     // it owes progress, has long reported none, and is not awaited
	Refused []string // realms that it declares differently than their owner
	Dropped int      // its bulk claims that went for want of room
}

// Peek reads a glance from a state: its sources as the policy has them.
func Peek(st State, pol *Policy) Glance { return NewWorking(st).Peek(pol) }

// Peek reads a glance with what is decoded already.
func (w *Working) Peek(pol *Policy) Glance { return w.newStep(pol, Message{}).glance() }

// Glance is what the state says of itself, its sources as the policy has them.
func (v *View) Glance() Glance { return v.s.glance() }

// Source is one source as the policy has it.
func (v *View) Source(uri string) (SourceGlance, bool) {
	r := v.s.source(uri)
	if r == nil {
		return SourceGlance{}, false
	}
	return v.s.glanceOf(r), true
}

func (s *step) glance() Glance {
	g := Glance{
		Now: s.meta.Now, NextDue: s.nextDue(), Open: s.meta.Counts.Open, Timers: s.meta.Counts.Timers,
		Approvals: s.meta.Counts.Approvals, Windows: s.meta.ActiveWindows, Jobs: s.meta.Jobs, Policy: s.meta.Policy,
		Held: s.meta.Clock.Held, Drift: s.meta.Clock.Drift, Judgement: maps.Clone(s.meta.Counts.Judgement),
	}
	g.Backlog, g.Leaving = s.backlog(), s.clearingDue()
	for _, uri := range s.sourcesKnown() {
		r := s.source(uri)
		if r == nil || uri == engineSource {
			continue
		}
		g.Sources = append(g.Sources, s.glanceOf(r))
	}
	slices.SortFunc(g.Sources, func(a, b SourceGlance) int { return cmp(a.URI, b.URI) })
	return g
}

func (s *step) glanceOf(r *source) SourceGlance {
	v := SourceGlance{
		URI: r.URI, Coverage: r.coverage(), Progress: r.Progress, Heard: r.Heard, Owes: s.owesProgress(r), Silence: s.silenceOf(r), Open: r.Open,
		Events: r.Events, Unauthorised: r.Unauthorised, Late: r.Late, Dropped: r.DroppedClaims, Gone: r.Gone, Refused: r.Refused,
	}
	for _, f := range r.Facets {
		if partsOf(f.Alert).Rule == ruleSourceBlind.ID {
			v.Blind = f.Note
		}
	}
	return v
}
