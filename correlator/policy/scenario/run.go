package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// Outcome is what came of a scenario.
type Outcome struct {
	Scenario *Scenario
	Steps    []Played
}

// Played is a step, what was published from the one above up to it, and where
// that is not what was expected.
type Played struct {
	*Step
	Told []Told

	missed     []Failure
	miscounted []miscount
}

// Failures are the expectations of the step that were not met.
func (p Played) Failures() []Failure {
	out := slices.Clone(p.missed)
	for _, m := range p.miscounted {
		out = append(out, m.failure())
	}
	return out
}

// Told is one publication.
type Told struct {
	Line        string // as an expectation says it: "10:01:00 raised OV-001 …"
	Publication correlator.Publication
}

// OK reports whether everything came as it was expected.
func (o *Outcome) OK() bool {
	for _, s := range o.Steps {
		if len(s.Failures()) > 0 {
			return false
		}
	}
	return true
}

// Expects reports whether the scenario says of any step what must be told, be it
// nothing.
func (o *Outcome) Expects() bool {
	return slices.ContainsFunc(o.Steps, func(p Played) bool { return p.expect != nil })
}

// Run plays the scenario from its beginning.
func (s *Scenario) Run() (*Outcome, error) {
	return s.Log(func(events.Event) {})
}

// Log is Run that also hands out each message given to the correlator, ticks and
// policies among them, in order: the log of a server to which the same happened.
func (s *Scenario) Log(hear func(events.Event)) (*Outcome, error) { return s.run(idle, hear) }

// run is Log with ticks at least that often.
func (s *Scenario) run(idle time.Duration, hear func(events.Event)) (*Outcome, error) {
	p := &player{s: s, idle: idle, hear: hear, policy: correlator.DefaultPolicy(), now: s.Start}
	p.core = correlator.NewWorking(&p.state)
	out := &Outcome{Scenario: s}
	if err := p.begin(); err != nil {
		return nil, fmt.Errorf("begin scenario %s: %w", s.Name, err)
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		if err := p.play(step); err != nil {
			return nil, fmt.Errorf("play line %d of %s: %w", step.Line, s.File, err)
		}
		played := Played{Step: step, Told: p.told}
		played.missed = step.missed(p.told, s.day())
		if len(step.counts) > 0 {
			p.core.Flush()
			played.miscounted = step.miscounted(correlator.Peek(&p.state, p.policy))
		}
		out.Steps = append(out.Steps, played)
		p.told = nil
	}
	return out, nil
}

// day is the day of clock times.
func (s *Scenario) day() time.Time { return s.Start.Truncate(24 * time.Hour) }

const (
	// idle is the longest time between two ticks while the story runs on. It is
	// below what the correlator takes for a restart; a tick that is not due at a
	// deadline changes nothing but the time, so more of them would tell the same.
	idle = 4 * time.Second
	// maxBacklog bounds the ticks at one moment while work is waiting.
	maxBacklog = 100_000
)

// player drives the correlator as the engine does: one message after the other,
// with ticks in between.
type player struct {
	s         *Scenario
	idle      time.Duration // the longest time between two ticks
	hear      func(events.Event)
	state     memory
	core      *correlator.Working
	policy    *correlator.Policy
	now       time.Time // of the last tick
	boot      int
	booted    time.Time
	seq       uint64
	due       correlator.Time // when the next tick is due
	backlog   bool            // work is waiting for a tick
	reporters []*reporter
	told      []Told
}

// begin applies the policy, ticks for the first time, and lets the sources say
// what they promise: the order in which a server starts.
func (p *player) begin() error {
	if p.s.policy != nil {
		if err := p.apply(p.s.policy); err != nil {
			return err
		}
	}
	if err := p.restart(p.now); err != nil {
		return err
	}
	for _, source := range p.s.sources {
		p.step(source.resumed, nil)
		p.reporters = append(p.reporters, &reporter{promise: source, next: p.now})
	}
	return p.report()
}

// play lets time come to the step and does what it says. Work that it leaves is
// for the ticks after it, before which more may be said, as on a busy log.
func (p *player) play(step *Step) error {
	switch step.kind {
	case restarts:
		return p.restart(step.At)
	case stalls:
		return p.tick(step.At)
	}
	if err := p.pass(step.At); err != nil {
		return err
	}
	switch step.kind {
	case passes:
		return p.report()
	case says:
		p.step(step.event, nil)
	case applies:
		return p.apply(step.policy)
	case silences, speaks:
		for _, r := range p.reporters {
			if r.uri == step.source {
				r.silent, r.next = step.kind == silences, p.now
			}
		}
		return p.report()
	}
	return nil
}

// pass lets time pass: a tick when something is due and every few seconds, and
// the progress of the sources that report it. What happens at a moment is said
// before the progress up to it: that leaves with the moment.
func (p *player) pass(to time.Time) error {
	for p.now.Before(to) {
		if err := p.report(); err != nil {
			return err
		}
		next := earlier(to, p.now.Add(p.idle))
		if p.backlog {
			next = p.now
		} else if due := p.due.Std(); p.due != correlator.Forever && due.After(p.now) {
			next = earlier(next, due)
		}
		for _, r := range p.reporters {
			if r.every > 0 && !r.silent {
				next = earlier(next, r.next)
			}
		}
		if err := p.tick(next); err != nil {
			return err
		}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// tick says what time it is, and again while work is waiting.
func (p *player) tick(at time.Time) error {
	p.now = at
	for range maxBacklog {
		ev, err := events.New(events.ClockTick, "overstay://clock", fmt.Sprintf("tick%d", p.seq), at, "",
			&events.Tick{Wall: at, Monotonic: events.Duration(at.Sub(p.booted)), Boot: fmt.Sprintf("boot%d", p.boot)})
		if err != nil {
			return fmt.Errorf("make a tick: %w", err)
		}
		if p.step(ev, nil); !p.backlog {
			return nil
		}
	}
	return fmt.Errorf("after %d ticks at %s work is still waiting", maxBacklog, at.Format(time.RFC3339))
}

// restart is the first tick of another process. What sources have to say of the
// time in between they say from then on, before their next progress.
func (p *player) restart(at time.Time) error {
	p.boot++
	p.booted = at
	for _, r := range p.reporters {
		r.next = at.Add(r.every)
	}
	return p.tick(at)
}

// report sends the progress that is due.
func (p *player) report() error {
	for _, r := range p.reporters {
		if r.every == 0 || r.silent || r.next.After(p.now) {
			continue
		}
		ev, err := r.reports(p.now)
		if err != nil {
			return fmt.Errorf("report the progress of %s: %w", r.uri, err)
		}
		p.step(ev, nil)
	}
	return nil
}

// apply brings a policy into force.
func (p *player) apply(a *applied) error {
	ev, err := events.New(events.PolicyApplied, "overstay://engine", fmt.Sprintf("policy%d", p.seq), p.now, "", a.data)
	if err != nil {
		return fmt.Errorf("make the policy event: %w", err)
	}
	p.policy = a.compiled
	p.step(ev, a.compiled)
	return nil
}

// step gives one message to the correlator.
func (p *player) step(ev events.Event, pol *correlator.Policy) {
	p.seq++
	p.hear(ev)
	res := p.core.Step(p.policy, correlator.Message{
		Origin: correlator.Origin{LogID: "scenario", Epoch: 1, Seq: p.seq}, Event: ev, Policy: pol,
	})
	p.due, p.backlog = res.NextDue, res.Backlog
	for _, pub := range res.Publish {
		p.told = append(p.told, Told{clockOf(pub.Told().Std(), p.s.day()) + " " + pub.String(), pub})
	}
}
