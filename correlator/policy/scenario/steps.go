package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// The words of a step, behind its time.
const (
	wordRestarted  = "restarted"
	wordStalled    = "stalled"
	wordPolicy     = "policy"
	wordPolicyFile = "policyFile"
	wordLate       = "late"
	wordEarly      = "early"
	wordSilent     = "silent"
	wordHeard      = "heard"
)

// Keys of what stands below a step and belongs to it.
const (
	keyExpect   = "expect"
	keyAccesses = "accesses"
)

const stepHint = `"09:05 vault://prod lease.issued alice: {…}", "10:00" to let time pass, or expect`

// readSteps reads the story in its order: what a time means depends on how far
// time has come.
func (l *loader) readSteps(v strictyaml.Value) {
	v.Items(func(_ int, item strictyaml.Value) { l.readItem(item) })
}

// readItem reads a step, or what belongs to the step above.
func (l *loader) readItem(item strictyaml.Value) {
	if item.IsText() {
		if text, ok := item.Text(); ok {
			l.readStep(text, item, item, nil)
		}
		return
	}
	n := 0
	item.Entries(func(name string, key, value strictyaml.Value) {
		if n++; n > 1 {
			key.Report("begin it with a dash of its own", "is a second step in one")
			return
		}
		switch name {
		case keyExpect:
			l.readExpect(item, key, value)
		case keyAccesses:
			l.readCounts(key, value)
		default:
			l.readStep(name, item, key, &value)
		}
	})
}

// above is the step that an expectation belongs to.
func (l *loader) above(key strictyaml.Value) *Step {
	if len(l.s.Steps) == 0 {
		key.Report("write it below the step that it is about", "stands above the first step")
		return nil
	}
	return &l.s.Steps[len(l.s.Steps)-1]
}

// readStep reads a sentence, which stands at a place in an item of the story.
// value is what stands behind it, nil for nothing.
func (l *loader) readStep(text string, item, at strictyaml.Value, value *strictyaml.Value) {
	words := strings.Fields(text)
	if len(words) == 0 {
		at.Report(stepHint, "is empty")
		return
	}
	if value != nil && value.IsEmpty() {
		value = nil
	}
	// A step that is not understood stays, so that what is below it is about it.
	l.s.Steps = append(l.s.Steps, Step{Line: at.Line(), Text: text, span: spanOf(item)})
	step := &l.s.Steps[len(l.s.Steps)-1]
	t, ok := l.time(words[0], at)
	if !ok {
		return
	}
	when := ""
	if len(words) > 1 && (words[1] == wordLate || words[1] == wordEarly) {
		when = words[1]
		words = slices.Delete(words, 1, 2)
	}
	if l.reach(step, t, when, at) {
		l.understand(step, t, words[1:], at, value)
		if when != "" && step.kind != says {
			at.Report("", "only an event can be %s", when)
		}
	}
}

// understand says what a step does, and reports one that cannot be understood.
func (l *loader) understand(step *Step, t time.Time, words []string, at strictyaml.Value, value *strictyaml.Value) {
	switch {
	case len(words) == 0:
		step.kind = passes
	case len(words) == 1 && words[0] == wordRestarted:
		step.kind = restarts
	case len(words) == 1 && words[0] == wordStalled:
		step.kind = stalls
	case len(words) == 1 && (words[0] == wordPolicy || words[0] == wordPolicyFile):
		l.readPolicy(step, words[0], at, value)
		return
	case len(words) == 2 && words[1] == wordSilent:
		step.kind, step.source = silences, words[0]
	case len(words) == 2 && words[1] == wordHeard:
		step.kind, step.source = speaks, words[0]
	case len(words) == 1:
		at.Report(stepHint, "%q says nothing", step.Text)
		return
	default:
		step.kind = says
		l.readEvent(step, t, words, at, value)
		return
	}
	if value != nil {
		value.Report("remove it, or write the source and type of an event", "nothing can stand behind %q", step.Text)
	}
}

func (l *loader) readPolicy(step *Step, word string, at strictyaml.Value, value *strictyaml.Value) {
	step.kind = applies
	switch {
	case value == nil:
		at.Report(`write the policy behind it, or "policyFile: NAME"`, "brings no policy into force")
	case word == wordPolicy:
		step.policy = l.policyIn(*value)
	default:
		step.policy = l.policyOf(*value)
	}
}

// time reads a step's time. An offset counts from the step above.
func (l *loader) time(word string, at strictyaml.Value) (time.Time, bool) {
	if l.now.IsZero() && offsetForm.MatchString(word) {
		at.Report(`write "start: 2026-03-02T09:00:00Z" at the top, or a time here`, "%q is an offset from nothing", word)
		return time.Time{}, false
	}
	t, err := moment(word, l.day, l.now)
	if err != nil {
		at.Report(timeHint, "begins with %q, which %v", word, err)
		return t, false
	}
	if t.Year() < 1990 || t.Year() > 2200 {
		at.Report("", "%s is not between 1990 and 2200", t.Format(time.RFC3339))
		return t, false
	}
	return t, true
}

// longest is how long a scenario may last. Each few seconds of it are a tick.
const longest = 35 * 24 * time.Hour

// reach lets time come to a step. That an event is late, or of a source whose clock
// is ahead, is written down, since a time that was mistyped would look the same.
func (l *loader) reach(step *Step, t time.Time, when string, at strictyaml.Value) bool {
	if l.now.IsZero() {
		l.begin(t)
	}
	defer func() { step.At = l.now }()
	switch {
	case when == wordLate && !t.Before(l.now), when == wordEarly && !t.After(l.now):
		at.Report("remove the word "+when, "is not %s: the story has come to %s", when, clockOf(l.now, l.day))
	case when != "":
		return true
	case t.Before(l.now):
		at.Report(fmt.Sprintf(`correct the time, or write "%s late …" for an event that is read only now`, clockOf(t, l.day)),
			"is before %s, to which the story has come", clockOf(l.now, l.day))
	case t.Sub(l.s.Start) > longest:
		at.Report("", "is more than %s behind the start", strictyaml.Days(longest))
	default:
		l.now = t
		return true
	}
	return false
}

// typeWords are the types that a scenario can say, without their prefix. Ticks and
// policies have steps of their own.
func typeWords() []string {
	var out []string
	for _, t := range events.Types() {
		if t != events.ClockTick && t != events.PolicyApplied {
			out = append(out, t.Short())
		}
	}
	return out
}
