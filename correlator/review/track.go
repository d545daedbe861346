package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
)

// track follows one access.
type track struct {
	name  AccessName
	alert string
	was   correlator.AccessView
	known bool
	// gaps are those that have begun, by when; next is when the next one does.
	gaps map[correlator.Time]bool
	next correlator.Time
	// findings are what was last noted of each, by where it begins; waits: one of them
	// waits for sources, whose progress changes nothing of the access.
	findings map[correlator.Time]string
	waits    bool
}

// matters reports whether an access may have changed between two states.
func (t *track) matters(at, next stop) bool {
	record := correlator.AccessRecord(t.name.Kind, t.name.Source, t.name.ID)
	if !next.state.Unwritten(at.state, record) || t.waits || t.next != 0 && t.next <= next.now {
		return true
	}
	_, err := at.state.Get(record)
	return !t.known && err == nil
}

func (t *track) changes(v *correlator.View) []Change {
	due := t.next != 0 && v.Now() >= t.next
	if t.known && !due && !t.waits && !v.Changed(t.name.Kind, t.name.Source, t.name.ID) {
		return nil
	}
	a, ok := v.Access(t.name.Kind, t.name.Source, t.name.ID)
	if !ok {
		return nil
	}
	var out []Change
	for _, st := range a.Stretches {
		i := slices.IndexFunc(t.was.Stretches, func(o correlator.StretchView) bool { return o.Start == st.Start })
		if i < 0 {
			out = append(out, t.began(a, st))
			i = len(t.was.Stretches)
			t.was.Stretches = append(slices.Clip(t.was.Stretches), correlator.StretchView{Start: st.Start, End: correlator.Forever})
		}
		out = append(out, t.held(t.was.Stretches[i], st)...)
		out = append(out, t.covered(t.was.Stretches[i], st)...)
	}
	out = append(out, t.uncovered(v, a)...)
	out = append(out, t.found(v)...)
	t.was, t.known = a, true
	return out
}

func (t *track) change(kind ChangeKind, text string, args ...any) Change {
	return Change{kind, t.name.ID, fmt.Sprintf(text, args...)}
}

func (t *track) began(a correlator.AccessView, st correlator.StretchView) Change {
	verb := "began"
	if st.StartLo == correlator.Ever {
		verb = "was there before anything is known of it, and first seen"
	}
	out := t.change(ChangeHeld, "%s on %s %s %s", t.name.Kind, a.Scope, verb, st.Start)
	if a.Subject != "" {
		out.Text += ", held by " + string(a.Subject)
	}
	for _, p := range a.Parents {
		out.Text += fmt.Sprintf(", from %s %s", p.Kind, p.ID)
	}
	return out
}

// held is what has changed of when it was held.
func (t *track) held(was, is correlator.StretchView) []Change {
	var out []Change
	switch {
	case was.End == is.End && was.Basis == is.Basis:
	case is.End == correlator.Forever:
		out = append(out, t.change(ChangeHeld, "lives on: it did not end at %s", was.End))
	case was.End == correlator.Forever:
		out = append(out, t.change(ChangeHeld, "ended %s, %s", is.End, is.Basis))
	default:
		out = append(out, t.change(ChangeHeld, "ended %s, %s; until now it was %s, %s", is.End, is.Basis, was.End, was.Basis))
	}
	if is.Expiry != was.Expiry && is.Expiry != 0 {
		out = append(out, t.change(ChangeHeld, "expires %s (%s)", is.Expiry, is.ExpiryKind))
	}
	if is.LastUse > was.LastUse {
		out = append(out, t.change(ChangeUsed, "used %s", is.LastUse))
	}
	return out
}

// covered is what has changed of what covers it.
func (t *track) covered(was, is correlator.StretchView) []Change {
	var out []Change
	same := func(a, b correlator.CoverView) bool {
		return a.Source == b.Source && a.Approval == b.Approval && a.Event == b.Event && a.From == b.From
	}
	for _, c := range is.Covers {
		if c.To <= is.Start || c.From >= is.End {
			continue
		}
		i := slices.IndexFunc(was.Covers, func(o correlator.CoverView) bool { return same(o, c) })
		if i >= 0 && was.Covers[i].To == c.To && was.Covers[i].Full == c.Full {
			continue
		}
		how := "authorised"
		if c.Grants {
			how = "granted"
		}
		text := fmt.Sprintf("%s by %s, covered %s to %s", how, c.Approval, c.From, c.To)
		if !c.Full {
			text += ", in part"
		}
		if i >= 0 && was.Covers[i].To != c.To {
			text = fmt.Sprintf("covered by %s to %s, not %s", c.Approval, c.To, was.Covers[i].To)
		}
		out = append(out, t.change(ChangeCovered, "%s", text))
	}
	for _, c := range was.Covers {
		if !slices.ContainsFunc(is.Covers, func(o correlator.CoverView) bool { return same(o, c) }) {
			out = append(out, t.change(ChangeCovered, "no longer covered by %s (%s to %s)", c.Approval, c.From, c.To))
		}
	}
	return out
}

// uncovered notes gaps as they begin, and those that are taken back.
func (t *track) uncovered(v *correlator.View, a correlator.AccessView) []Change {
	var out []Change
	begun := map[correlator.Time]bool{}
	t.next = 0
	for _, st := range a.Stretches {
		for _, g := range st.Gaps {
			if g.From > v.Now() {
				if t.next == 0 || g.From < t.next {
					t.next = g.From
				}
				continue
			}
			begun[g.From] = true
			if t.gaps[g.From] {
				continue
			}
			text := fmt.Sprintf("not covered from %s on", g.From)
			if g.To != correlator.Forever {
				text = fmt.Sprintf("not covered from %s to %s", g.From, g.To)
			}
			if g.After != "" {
				text += ", behind the end of " + g.After
			}
			out = append(out, t.change(ChangeUncovered, "%s", text))
		}
	}
	for from := range t.gaps {
		if !begun[from] {
			out = append(out, t.change(ChangeUncovered, "it was covered from %s on after all", from))
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Text, b.Text) })
	t.gaps = begun
	return out
}

// found notes what has become of the findings that the alert tells, until it does.
func (t *track) found(v *correlator.View) []Change {
	var out []Change
	t.waits = false
	for _, f := range v.Findings(t.name.Kind, t.name.Source, t.name.ID) {
		if f.Alert != t.alert || f.From > v.Now() {
			continue
		}
		kind, text := ChangeDue, ""
		switch f.State {
		case correlator.FindingDue:
			text = fmt.Sprintf("%s is due %s, unless something comes before", f.Rule, f.Due)
		case correlator.FindingWaits:
			t.waits = true
			kind, text = ChangeWaits, fmt.Sprintf("%s was due %s; it waits", f.Rule, f.Due)
			if len(f.Behind) > 0 {
				text += " for " + strings.Join(f.Behind, ", ") + " to have told all up to then,"
			}
			text += fmt.Sprintf(" until %s at most", f.Until)
		case correlator.FindingOff, correlator.FindingElsewhere, correlator.FindingExempt, correlator.FindingPassed, correlator.FindingHistory:
			text = fmt.Sprintf("%s does not tell of it: %s", f.Rule, f.State)
			if f.Why != "" {
				text += ", " + f.Why
			}
		}
		if text != "" && t.findings[f.From] != text {
			out = append(out, t.change(kind, "%s", text))
		}
		t.findings[f.From] = text
	}
	return out
}
