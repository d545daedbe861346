package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// count is how many accesses must be open, or be judged in a way, after a step.
// It shows a policy's author what the policy joins before anything is told.
type count struct {
	line int
	what string
	want int
}

// counted are the ways, as the coverage report names them.
var counted = []string{"open", "covered", "exposed", "baseline", "unjudged"}

// most bounds a count; a scenario has fewer events.
const most = 1_000_000

func (l *loader) readCounts(key, value strictyaml.Value) {
	step := l.above(key)
	if step == nil {
		return
	}
	value.Entries(func(name string, at, n strictyaml.Value) {
		if !slices.Contains(counted, name) {
			at.Report(strictyaml.DidYouMean(name, counted), "is not one of %s", strings.Join(counted, ", "))
			return
		}
		c := count{line: at.Line(), what: name}
		strictyaml.Int(&c.want, 0, most).Read(n)
		step.counts = append(step.counts, c)
	})
}

// miscount is a count that is another than was expected.
type miscount struct {
	count
	have int
}

// miscounted are the counts that are others than the state says.
func (s *Step) miscounted(g correlator.Glance) []miscount {
	have := map[string]int{"open": g.Open}
	for judged, n := range g.Judgement {
		word, _, _ := strings.Cut(judged, ":")
		have[word] += n
	}
	var out []miscount
	for _, c := range s.counts {
		if have[c.what] != c.want {
			out = append(out, miscount{c, have[c.what]})
		}
	}
	return out
}

func (m miscount) failure() Failure {
	return Failure{Line: m.line, Diff: []Difference{
		{Missing, fmt.Sprintf("%s %s: %d", keyAccesses, m.what, m.want)},
		{Extra, fmt.Sprintf("%s %s: %d", keyAccesses, m.what, m.have)},
	}}
}
