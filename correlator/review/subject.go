package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// SubjectQuery asks why there is an alert about somebody at a time, or none.
type SubjectQuery struct {
	Subject events.ID
	At      time.Time
	// KnownAt and Scope are as of [AsOfQuery].
	KnownAt time.Time
	Scope   correlator.ScopePattern
}

// SubjectAnswer says of each access that somebody held at a time what was made of it.
type SubjectAnswer struct {
	Subject  events.ID   `json:"subject"`
	Person   []events.ID `json:"person"`
	Joined   []Tie       `json:"joined"`
	At       time.Time   `json:"at"`
	KnownAt  time.Time   `json:"knownAt"`
	Position uint64      `json:"position"`
	Policy   string      `json:"policy"`
	Label    Label       `json:"label"`
	Accesses []AccessAt  `json:"accesses"`
	// Elsewhen are accesses that the person held, but not then; counted where none was
	// held then, so that a wrong time shows.
	Elsewhen int `json:"elsewhen,omitzero"`
	// Nearest is that of them which is nearest in time.
	Nearest *Access `json:"nearest,omitempty"`
}

// AccessAt is an access that was held at a time, and why it is told of, or is not.
type AccessAt struct {
	Holding
	// Why says in a sentence why there is an alert of that time, or none.
	Why string `json:"why"`
	// Findings are what the rules find of that time, told or not.
	Findings []FindingAt `json:"findings"`
	Alerts   []AlertAt   `json:"alerts"`
}

// FindingAt is what a rule finds of an access.
type FindingAt struct {
	Rule  string                  `json:"rule"`
	State correlator.FindingState `json:"state"`
	Alert string                  `json:"alert,omitzero"` // the id that it has, or would have
	From  time.Time               `json:"from"`
	To    time.Time               `json:"to,omitzero"`
	Due   time.Time               `json:"due,omitzero"`
	// Until is from when on it may be told whoever of Behind is behind.
	Until  time.Time `json:"until,omitzero"`
	Behind []string  `json:"behind,omitempty"`
	// By is the rule, or the condition, that keeps it untold.
	By string `json:"by,omitzero"`
}

// AlertAt is where an alert stands.
type AlertAt struct {
	ID       string                `json:"id"`
	Rule     string                `json:"rule"`
	State    correlator.AlertState `json:"state"`
	Revision uint64                `json:"revision"`
	Severity string                `json:"severity"`
	Raised   time.Time             `json:"raised"`
	Said     string                `json:"said"`
	// Suppressed is until when operators have it left out.
	Suppressed time.Time `json:"suppressed,omitzero"`
	By         string    `json:"by,omitzero"`
}

// ExplainSubject says why there is an alert about somebody at a time, or none.
func ExplainSubject(ctx context.Context, src *Source, q SubjectQuery) (SubjectAnswer, error) {
	out := SubjectAnswer{Subject: q.Subject, At: q.At, Label: src.Label, Accesses: []AccessAt{}, Joined: []Tie{}}
	seen, err := src.look(ctx, q.KnownAt)
	if err != nil {
		return out, fmt.Errorf("explain %s at %s: %w", q.Subject, q.At.Format(time.RFC3339), err)
	}
	v, t := seen.View, correlator.At(q.At)
	out.KnownAt, out.Position, out.Policy = instant(v.Now()), seen.Last, v.Policy()
	out.Person, out.Joined = v.Person(q.Subject, t), tiesOf(v, q.Subject, t)
	alerts := alertsIn(v)
	v.EachAccess(func(a correlator.AccessView) bool {
		if !scopeIn(q.Scope, a.Scope) {
			return true
		}
		for _, st := range a.Stretches {
			if !isPerson(v, q.Subject, a, st) {
				continue
			}
			if h, held := heldAt(v, a, st, t, q.KnownAt); held {
				out.Accesses = append(out.Accesses, accessAt(v, a, st, h, t, alerts))
			} else if !a.Scope.IsZero() {
				out.elsewhen(accessOf(v, a, st))
			}
		}
		return true
	})
	if len(out.Accesses) > 0 {
		out.Elsewhen, out.Nearest = 0, nil
	}
	return out, ctx.Err()
}

// elsewhen counts an access that was not held then.
func (s *SubjectAnswer) elsewhen(a Access) {
	away := func(a *Access) time.Duration {
		if s.At.Before(a.From) {
			return a.From.Sub(s.At)
		}
		return s.At.Sub(a.To)
	}
	s.Elsewhen++
	if s.Nearest == nil || away(&a) < away(s.Nearest) {
		s.Nearest = &a
	}
}

func alertsIn(v *correlator.View) map[string]AlertAt {
	out := map[string]AlertAt{}
	v.EachAlert(func(a correlator.AlertRecord) bool {
		at := AlertAt{ID: a.ID, Rule: string(a.Rule), State: a.State, Revision: a.Revision, Severity: a.Severity.String(), Raised: instant(a.Raised), Said: a.Said}
		for _, m := range a.Marks {
			if m.What == "suppressed" {
				at.Suppressed, at.By = instant(m.Until), m.By
			}
		}
		out[a.ID] = at
		return true
	})
	return out
}

// accessAt says of an access at a time what was made of it.
func accessAt(v *correlator.View, a correlator.AccessView, st correlator.StretchView, h Holding, t correlator.Time, alerts map[string]AlertAt) AccessAt {
	out := AccessAt{Holding: h, Findings: []FindingAt{}, Alerts: []AlertAt{}}
	add := func(id string) {
		if alert, ok := alerts[id]; ok && !slices.ContainsFunc(out.Alerts, func(o AlertAt) bool { return o.ID == id }) {
			out.Alerts = append(out.Alerts, alert)
		}
	}
	for _, f := range v.Findings(a.Kind, a.Source, a.ID) {
		if t < f.From || t >= f.To {
			continue
		}
		out.Findings = append(out.Findings, FindingAt{
			Rule: string(f.Rule), State: f.State, Alert: f.Alert, From: instant(f.From), To: instant(f.To), Due: instant(f.Due),
			Until: instant(f.Until), Behind: f.Behind, By: f.Why,
		})
		if f.State == correlator.FindingTold {
			add(f.Alert)
		}
	}
	gap, in := st.GapAt(t)
	if len(out.Findings) == 0 && in && gap.After != "" {
		for _, id := range a.Alerts { // it may have left, and nothing is found of it any more
			if alert, ok := alerts[id]; ok && overruns(alert.Rule) {
				add(id)
			}
		}
	}
	out.Why = out.why(gap, v.Grace(a.Kind))
	return out
}

// overruns: the rules about time behind the end of a window.
func overruns(rule string) bool { return rule == "OV-001" || rule == "OV-019" }

func (a AccessAt) why(gap correlator.GapView, grace time.Duration) string {
	if len(a.Alerts) > 0 {
		var said []string
		for _, alert := range a.Alerts {
			word := fmt.Sprintf("%s tells of it: alert %s, %s since %s", alert.Rule, alert.ID, alert.State, clock(alert.Raised))
			if !alert.Suppressed.IsZero() {
				word += fmt.Sprintf(", suppressed by %s until %s", alert.By, clock(alert.Suppressed))
			}
			said = append(said, word)
		}
		return strings.Join(said, "; ")
	}
	var reasons []string
	for _, f := range a.Findings {
		reasons = append(reasons, f.why())
	}
	switch {
	case len(reasons) > 0 && a.Judgement != "covered":
		return strings.Join(reasons, "; ")
	case a.Judgement == "covered":
		return a.covered()
	case gap.After == "":
		return a.Judgement
	case gap.To != correlator.Forever && gap.To.Sub(gap.From) <= grace:
		return fmt.Sprintf("it lasted %s beyond the end of %s, within the grace of %s for a %s", gap.To.Sub(gap.From), gap.After, grace, a.Access.Kind)
	case gap.To != correlator.Forever:
		return fmt.Sprintf("it lasted %s beyond the end of %s, and nothing is told of that: the grace is %s for a %s, and what the clocks of both sources may be off comes on top", gap.To.Sub(gap.From), gap.After, grace, a.Access.Kind)
	}
	return "it is not covered since the end of " + gap.After + ", and no rule finds anything"
}

func (a AccessAt) covered() string {
	for _, c := range a.Under {
		if c.Partly {
			continue
		}
		out := fmt.Sprintf("covered by %s of %s", c.Approval, c.Source)
		if c.By != "" {
			out += ", decided by " + string(c.By)
		}
		switch {
		case c.UnknownEnd:
			return out + "; nobody knows until when"
		case c.To.IsZero():
			return out + ", for ever"
		}
		return out + ", until " + clock(c.To)
	}
	return "covered"
}

func (f FindingAt) why() string {
	switch f.State {
	case correlator.FindingDue:
		return fmt.Sprintf("%s is not due before %s", f.Rule, clock(f.Due))
	case correlator.FindingWaits:
		out := fmt.Sprintf("%s is due since %s and waits", f.Rule, clock(f.Due))
		if len(f.Behind) > 0 {
			out += " for " + strings.Join(f.Behind, ", ")
		}
		if !f.Until.IsZero() {
			out += " until " + clock(f.Until) + " at most"
		}
		return out
	case correlator.FindingOff:
		return f.Rule + " would tell of it, and is off"
	case correlator.FindingElsewhere:
		return fmt.Sprintf("%s leaves it to %s", f.Rule, f.By)
	case correlator.FindingExempt:
		return fmt.Sprintf("the policy exempts it from %s: %s", f.Rule, f.By)
	case correlator.FindingPassed:
		return f.Rule + " was let pass by the policy that was in force when it ended"
	case correlator.FindingHistory:
		return f.Rule + " is about a time before its source was first read: for review, not for alerts"
	}
	return f.Rule + " tells of it"
}

// clock is a time as it stands in a sentence.
func clock(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
