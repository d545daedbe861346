package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/policy/scenario"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// testReport is what the scenarios gave, as --json prints it.
type testReport struct {
	OK        bool                 `json:"ok"`
	Failed    int                  `json:"failed"`
	Updated   int                  `json:"updated"`
	Scenarios []testedScenario     `json:"scenarios"`
	Problems  []strictyaml.Problem `json:"problems"` // with any of them nothing was played
}

type testedScenario struct {
	Name     string             `json:"name"`
	File     string             `json:"file"`
	OK       bool               `json:"ok"`
	Updated  bool               `json:"updated,omitempty"`
	Prose    []string           `json:"prose,omitempty"`
	Failures []scenario.Failure `json:"failures"`
	Steps    []testedStep       `json:"steps"`
}

type testedStep struct {
	Line int       `json:"line"`
	At   time.Time `json:"at"`
	Step string    `json:"step"`
	Told []string  `json:"told,omitempty"`
}

func tested(o *scenario.Outcome, updated bool) testedScenario {
	if o == nil {
		return testedScenario{}
	}
	sc := o.Scenario
	t := testedScenario{Name: sc.Name, File: sc.File, OK: o.OK(), Updated: updated, Prose: sc.Prose, Failures: []scenario.Failure{}}
	for _, played := range o.Steps {
		step := testedStep{Line: played.Line, At: played.At, Step: played.Text}
		for _, told := range played.Told {
			step.Told = append(step.Told, told.Line)
		}
		t.Failures = append(t.Failures, played.Failures()...)
		t.Steps = append(t.Steps, step)
	}
	return t
}

// sum counts; nothing is well where something could not be read.
func (r *testReport) sum() {
	for _, t := range r.Scenarios {
		if !t.OK {
			r.Failed++
		}
		if t.Updated {
			r.Updated++
		}
	}
	r.OK = r.Failed == 0 && len(r.Problems) == 0
}

// print tells a person. All of it is made first: one write, one error.
func (r *testReport) print(w io.Writer, p painter, verbose bool) error {
	var b bytes.Buffer
	line := func(as paint, format string, args ...any) {
		b.WriteString(p.paint(as, harmless(fmt.Sprintf(format, args...), "")) + "\n")
	}
	for _, problem := range strictyaml.Lines(r.Problems) {
		line(plain, "%s", problem)
	}
	for _, t := range r.Scenarios {
		switch {
		case !t.OK:
			line(alarm, "FAIL %s", t.File)
		case t.Updated:
			line(yellow, "updated %s", t.File)
		case verbose:
			line(green, "ok %s", t.File)
		}
		if verbose {
			t.timeline(line)
		}
		for _, f := range t.Failures {
			line(bold, "%s:%d:", t.File, f.Line)
			for _, d := range f.Diff {
				line(diffPaint(d.Mark), "  %s %s", d.Mark, d.Text)
			}
		}
		if verbose {
			b.WriteByte('\n')
		}
	}
	if len(r.Problems) == 0 {
		summary := fmt.Sprintf("%s, %d failed", count(len(r.Scenarios), "scenario"), r.Failed)
		if r.Updated > 0 {
			summary += fmt.Sprintf(", %d updated", r.Updated)
		}
		line(plain, "%s", summary)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func diffPaint(m scenario.Mark) paint {
	switch m {
	case scenario.Missing:
		return red
	case scenario.Extra:
		return green
	}
	return dim
}

// timeline tells the story: each step, and below it what was told up to it.
func (t testedScenario) timeline(line func(as paint, format string, args ...any)) {
	for _, said := range t.Prose {
		line(dim, "  %s", said)
	}
	for _, step := range t.Steps {
		line(cyan, "%4d  %s", step.Line, step.Step)
		for _, told := range step.Told {
			line(toldPaint(told), "        %s", told)
		}
	}
}

// toldPaint is the look of a line by its state, the word behind the time.
func toldPaint(told string) paint {
	_, rest, _ := strings.Cut(told, " ")
	switch word, _, _ := strings.Cut(rest, " "); word {
	case "raised", "updated":
		return red
	}
	return green
}
