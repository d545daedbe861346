package sim_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine/sim"
)

// planted is a world without one of its safety mechanisms.
type planted struct {
	mechanism string
	// within so many seeds the judge must find that it is missing.
	within uint64
	// faults to which worlds are limited, nil: all.
	faults []string
	seams  func() sim.Seams // new for each world
}

// TestPlanted takes away one safety mechanism after the other: a judge that does
// not find out proves nothing. The table is part of what go test -v prints.
func TestPlanted(t *testing.T) {
	compile := newPolicies().compile
	plants := plants()
	found := make([]string, len(plants))
	t.Run("without", func(t *testing.T) {
		for i, p := range plants {
			t.Run(strings.ReplaceAll(p.mechanism, " ", "-"), func(t *testing.T) {
				t.Parallel()
				found[i] = p.find(t, compile)
			})
		}
	})
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nwithout\tfound at seed\tas")
	for i, p := range plants {
		fmt.Fprintf(table, "%s\t%s\n", p.mechanism, found[i])
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
}

// find runs worlds until the judge finds something.
func (p planted) find(t *testing.T, compile func(string) (*correlator.Policy, error)) string {
	for seed := uint64(1); seed <= p.within; seed++ {
		r := sim.Run(t, sim.Options{Seed: seed, Compile: compile, Seams: p.seams(), Only: p.faults})
		if !r.Failed() {
			continue
		}
		if *trace {
			os.Stdout.Write(r.Trace)
		}
		return fmt.Sprintf("%d of %d\t%.110s", seed, p.within, r.Violations[0])
	}
	t.Errorf("nothing is found in %d worlds without: %s", p.within, p.mechanism)
	return fmt.Sprintf("not in %d\t", p.within)
}
