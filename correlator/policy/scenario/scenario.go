package scenario

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// Scenario is a story that was read and understood, ready to be played as often as
// one likes.
type Scenario struct {
	Name  string   // the file's, without folder and ending
	File  string   // as it was given to Load
	Prose []string // the comment at the top, line by line
	// PolicyFiles are the files that its policies were read from.
	PolicyFiles []string
	Start       time.Time
	Steps       []Step

	text    []byte
	policy  *applied
	sources []promise
}

// Step is one line of the story.
type Step struct {
	Line int    // in the file, from 1
	Text string // the sentence as it was written
	// At is the log time at which it happens. A late event happened before.
	At time.Time

	kind   kind
	event  events.Event // of says
	policy *applied     // of applies
	source string       // of silences and speaks
	expect *expectation // nil where nothing is written: the step must be quiet
	counts []count
	span   lines // of the step itself
}

// kind is what a step does.
type kind int

const (
	passes   kind = iota // time passes
	says                 // a source says something
	applies              // a policy comes into force
	restarts             // nothing ran since the last step, and another process begins
	stalls               // nothing ran since the last step
	silences             // a source stops reporting
	speaks               // it reports again
)

// lines are those of a text from one up to another, which does not belong to it;
// both count from 1.
type lines struct{ from, to int }

func spanOf(v strictyaml.Value) lines {
	from, to := v.Span()
	return lines{from, to}
}

// applied is a policy with the event that brings it into force.
type applied struct {
	compiled *correlator.Policy
	data     *events.Policy
}

// Load reads a scenario. file is its path, which stands in messages and from whose
// folder a policyFile counts; open reads such a file. The error is a
// *strictyaml.ProblemsError with everything that is wrong.
func Load(file string, text []byte, open func(path string) ([]byte, error)) (*Scenario, error) {
	name := strings.TrimSuffix(path.Base(filepath.ToSlash(file)), path.Ext(file))
	l := &loader{open: open, day: defaultDay, s: &Scenario{Name: name, File: file, Prose: prose(text), text: text}}
	problems := strictyaml.Source{File: file, Text: text}.Read(l.root())
	if len(problems) == 0 && len(l.s.Steps) == 0 {
		problems = append(problems, strictyaml.Problem{File: file, Message: "has no steps", Hint: "overstay test --example shows a scenario"})
	}
	if err := append(problems, l.others...).Err(); err != nil {
		return nil, err
	}
	return l.s, nil
}

// prose is the comment with which a text begins.
func prose(text []byte) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		said, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !ok {
			break
		}
		out = append(out, strings.TrimSpace(said))
	}
	return out
}

// loader understands one scenario.
type loader struct {
	s      *Scenario
	open   func(path string) ([]byte, error)
	others strictyaml.Problems // in other files, and in the policy

	day  time.Time // of clock times
	now  time.Time // log time that the story has reached; zero before its first step
	said int       // events so far

	start, sources, steps *strictyaml.Value
}

// root is the whole format. What depends on the start is read when that is known,
// wherever it stands.
func (l *loader) root() strictyaml.Reader {
	later := func(into **strictyaml.Value) strictyaml.Reader {
		return strictyaml.Func(func(v strictyaml.Value) { *into = &v })
	}
	return strictyaml.Object(strictyaml.Fields{
		"start":      later(&l.start),
		"sources":    later(&l.sources),
		"steps":      later(&l.steps),
		"policy":     strictyaml.Func(func(v strictyaml.Value) { l.s.policy = l.policyIn(v) }),
		"policyFile": strictyaml.Func(func(v strictyaml.Value) { l.s.policy = l.policyOf(v) }),
	}).Then(func(v strictyaml.Value) {
		if file, both := v.Key("policyFile"); both && !v.Lacks("policy") {
			file.Report("keep one of the two", "there is a policy in this file as well")
		}
		if l.start != nil {
			l.readStart(*l.start)
		}
		if l.steps != nil {
			l.readSteps(*l.steps)
		}
		if l.sources != nil {
			l.readSources(*l.sources)
		}
		l.checkReporters()
	})
}

// readStart takes a date, which leaves the time to the first step, or a moment.
func (l *loader) readStart(v strictyaml.Value) {
	text, ok := v.Text()
	if !ok {
		return
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		l.day = day
		return
	}
	at, err := moment(text, l.day, time.Time{})
	if err != nil || at.Year() < 1990 || at.Year() > 2200 {
		v.Report(`write "2026-03-02", "2026-03-02T09:00:00Z" or "09:00"`, "is %q, which is no time to start at", text)
		return
	}
	l.begin(at)
}

// begin sets when the story begins.
func (l *loader) begin(at time.Time) {
	l.day, l.now, l.s.Start = at.Truncate(24*time.Hour), at, at
}

// policyIn compiles a policy that stands in the scenario.
func (l *loader) policyIn(v strictyaml.Value) *applied {
	src, ok := v.Section()
	if !ok {
		return nil
	}
	return l.compile(src)
}

// policyOf compiles the policy of another file.
func (l *loader) policyOf(v strictyaml.Value) *applied {
	var name string
	strictyaml.String(&name).Read(v)
	if name == "" {
		return nil
	}
	file := filepath.FromSlash(name)
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(l.s.File), file)
	}
	text, err := l.open(file)
	if err != nil {
		v.Report("", "the policy cannot be read: %v", err)
		return nil
	}
	l.s.PolicyFiles = append(l.s.PolicyFiles, file)
	return l.compile(strictyaml.Source{File: file, Text: text})
}

func (l *loader) compile(src strictyaml.Source) *applied {
	compiled, err := policy.LoadSource(src)
	var problems *policy.ProblemsError
	switch {
	case errors.As(err, &problems):
		l.others = append(l.others, problems.Problems...)
		return nil
	case err != nil:
		l.others = append(l.others, strictyaml.Problem{File: src.File, Message: err.Error()})
		return nil
	}
	return &applied{compiled, &events.Policy{YAML: string(src.Text), Hash: compiled.Hash, By: fmt.Sprintf("scenario %s", l.s.Name)}}
}
