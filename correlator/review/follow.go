package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// follow plays the log again and notes what each message changed of what the alert is
// about.
func (e *explaining) follow(ctx context.Context) error {
	e.logTimes = map[uint64]correlator.Time{}
	f := &following{explaining: e, told: map[uint64][]Told{}, windows: map[AccessName][]correlator.CoverView{}}
	for _, a := range e.accesses {
		f.tracks = append(f.tracks, &track{name: nameOf(a), alert: e.out.Alert, gaps: map[correlator.Time]bool{}, findings: map[correlator.Time]string{}})
		f.note(a.Facts)
	}
	for _, a := range e.approvals {
		f.note(a.Facts)
	}
	for _, t := range e.out.Revisions {
		f.told[t.Origin.Seq] = append(f.told[t.Origin.Seq], t)
	}
	return f.play(ctx)
}

// play plays the pieces of the log again in which something may have changed of what is
// followed, message by message.
func (f *following) play(ctx context.Context) error {
	past := correlator.NewPast()
	for i, at := range f.stops.all[:len(f.stops.all)-1] {
		next := f.stops.all[i+1]
		if at.position >= next.position || !f.matters(at, next) {
			continue
		}
		f.stops.pastAt(past, at)
		state, err := at.again()
		if err != nil {
			return err
		}
		if _, err := Replay(ctx, Options{
			Log: f.src.Log, Compile: f.src.Compile, Policy: f.src.Policy, Store: state, Until: next.position,
			Whole: true, past: past, Tell: nothing, Watch: f.watch, batch: 1,
		}); err != nil {
			return err
		}
	}
	return nil
}

// matters reports whether anything may have changed between two stops of what is
// followed. What nobody wrote, and no time came for, is as it was.
func (f *following) matters(at, next stop) bool {
	in := func(position uint64) bool { return at.position < position && position <= next.position }
	i, _ := slices.BinarySearch(f.facts, at.position+1)
	if i < len(f.facts) && in(f.facts[i]) {
		return true
	}
	for seq := range f.told {
		if in(seq) {
			return true
		}
	}
	for _, l := range f.stops.links {
		if in(l.position) && f.persons[l.a] && f.persons[l.b] {
			return true
		}
	}
	return slices.ContainsFunc(f.tracks, func(t *track) bool { return t.matters(at, next) })
}

// following is the state of a replay that is followed.
type following struct {
	*explaining
	tracks  []*track
	windows map[AccessName][]correlator.CoverView
	told    map[uint64][]Told
	facts   []uint64 // positions, of what was said of it
	highest uint64
}

// note has the log times of facts remembered.
func (f *following) note(facts []correlator.Fact) {
	for _, fact := range facts {
		if i, found := slices.BinarySearch(f.facts, fact.Seq); !found {
			f.facts = slices.Insert(f.facts, i, fact.Seq)
		}
	}
}

func (f *following) watch(m correlator.Message, r correlator.Result, v *correlator.View) {
	seq := m.Origin.Seq
	if seq < f.highest || r.Outcome == correlator.Unauthorised {
		return // a batch that is read again, or what says nothing
	}
	f.highest = seq
	if _, found := slices.BinarySearch(f.facts, seq); found {
		f.logTimes[seq] = v.Now()
	}
	var changes []Change
	switch d := m.Event.Data.(type) {
	case *events.Approval:
		changes = f.approved(v, AccessName{"", m.Event.Source, d.ApprovalID})
	case *events.IdentityLink:
		if f.persons[m.Event.Subject] && f.persons[d.Other] && r.Outcome == correlator.Applied {
			word := "are one person"
			if m.Event.Type == events.IdentityUnlinked {
				word = "are no longer one person"
			}
			f.logTimes[seq] = v.Now()
			changes = append(changes, Change{ChangePerson, string(m.Event.Subject), fmt.Sprintf("%s and %s %s", m.Event.Subject, d.Other, word)})
		}
	}
	for _, t := range f.tracks {
		changes = append(changes, t.changes(v)...)
	}
	for _, t := range f.told[seq] {
		text := fmt.Sprintf("%s, revision %d, %s: %s", t.State, t.Revision, t.Severity, t.Message)
		changes = append(changes, Change{ChangeTold, t.ID, text})
		f.logTimes[seq] = v.Now()
	}
	if len(changes) == 0 {
		return
	}
	step := Step{Position: seq, LogTime: instant(v.Now()), Type: m.Event.Type.Short(), Changes: changes}
	if m.Event.Type.FromSource() || m.Event.Type.Class() == "operator" {
		step.Event, step.At = m.Event.Source+"|"+m.Event.ID, m.Event.Time
	}
	f.out.Steps = append(f.out.Steps, step)
}

// approved is what has changed of the windows of an approval that matters here.
func (f *following) approved(v *correlator.View, name AccessName) []Change {
	if _, matters := f.approvals[name]; !matters {
		return nil
	}
	var now []correlator.CoverView
	for _, a := range v.Approvals(name.Source, name.ID) {
		now = a.Windows
	}
	before := f.windows[name]
	f.windows[name] = now
	var out []Change
	for _, w := range now {
		i := slices.IndexFunc(before, func(o correlator.CoverView) bool { return o.Event == w.Event && o.Nominal == w.Nominal })
		switch {
		case i < 0:
			text := fmt.Sprintf("window %s to %s opened", w.From, w.To)
			if w.UnknownEnd {
				text = fmt.Sprintf("window from %s opened, until nobody knows when", w.From)
			}
			if w.By != "" {
				text += ", decided by " + string(w.By)
			}
			out = append(out, Change{ChangeWindow, name.ID, text})
		case before[i].To != w.To:
			out = append(out, Change{ChangeWindow, name.ID, fmt.Sprintf("window ends %s, not %s", w.To, before[i].To)})
		case before[i].From != w.From:
			out = append(out, Change{ChangeWindow, name.ID, fmt.Sprintf("window begins %s, not %s", w.From, before[i].From)})
		}
	}
	for _, w := range before {
		if !slices.ContainsFunc(now, func(o correlator.CoverView) bool { return o.Event == w.Event && o.Nominal == w.Nominal }) {
			out = append(out, Change{ChangeWindow, name.ID, fmt.Sprintf("window %s to %s is no more", w.From, w.To)})
		}
	}
	return out
}
