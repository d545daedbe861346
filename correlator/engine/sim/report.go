package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Report is what came of one run.
type Report struct {
	Seed       uint64
	Violations []string
	// Struck counts the faults by kind.
	Struck map[string]int
	// Trace is what happened, a line each. The same seed gives the same bytes.
	Trace []byte
	// Messages in the log, Alerts published, Lives of processes.
	Messages, Alerts, Lives int
	// Damaged: messages of the log were lost.
	Damaged bool
}

// Failed reports whether something was not as it must be.
func (r Report) Failed() bool { return len(r.Violations) > 0 }

// Repeat is the command that runs the same again.
func (r Report) Repeat() string {
	return fmt.Sprintf("go test ./correlator/engine/sim -run 'TestSeeds$' -seeds 1 -seed %d -show", r.Seed)
}

// Sum is what came of many runs.
type Sum struct {
	Runs, Failed, Damaged   int
	Messages, Alerts, Lives int
	Struck                  map[string]int
}

// Add takes a run in.
func (s *Sum) Add(r Report) {
	if s.Struck == nil {
		s.Struck = map[string]int{}
	}
	s.Runs++
	s.Messages += r.Messages
	s.Alerts += r.Alerts
	s.Lives += r.Lives
	if r.Failed() {
		s.Failed++
	}
	if r.Damaged {
		s.Damaged++
	}
	for k, n := range r.Struck {
		s.Struck[k] += n
	}
}

// String is a table.
func (s *Sum) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs, %d with violations; %d with a damaged log; %d messages, %d alerts, %d processes; faults:\n",
		s.Runs, s.Failed, s.Damaged, s.Messages, s.Alerts, s.Lives)
	for _, k := range slices.Sorted(maps.Keys(s.Struck)) {
		fmt.Fprintf(&b, "  %6d %s\n", s.Struck[k], k)
	}
	return b.String()
}
