package sim_test

import (
	"bytes"
	"flag"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine/sim"
	"github.com/overstay/overstay/correlator/policy"
)

var (
	seeds = flag.Uint64("seeds", 60, "how many worlds to run")
	first = flag.Uint64("seed", 1, "the first of them")
	trace = flag.Bool("show", false, "print what happened in each world")
)

// policies compiles each text once: it takes longer than a world.
type policies struct {
	mu   sync.Mutex
	made map[string]*correlator.Policy
}

func (p *policies) compile(text string) (*correlator.Policy, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if made := p.made[text]; made != nil {
		return made, nil
	}
	made, err := policy.Load("policy", []byte(text))
	if err != nil {
		return nil, err
	}
	p.made[text] = made
	return made, nil
}

func newPolicies() *policies { return &policies{made: map[string]*correlator.Policy{}} }

// TestSeeds runs worlds with faults, and judges each.
func TestSeeds(t *testing.T) {
	began := time.Now()
	sum := each(t, *first, *seeds, func(seed uint64) sim.Options {
		return sim.Options{Seed: seed, Compile: newPolicies().compile}
	})
	t.Logf("%.0f seeds/s; %s", float64(sum.Runs)/time.Since(began).Seconds(), sum)
}

// each runs worlds on all processors and complains about those that failed.
func each(t *testing.T, first, n uint64, options func(seed uint64) sim.Options) *sim.Sum {
	t.Helper()
	const workers = 2
	var mu sync.Mutex
	sum := &sim.Sum{}
	compile := newPolicies().compile
	next := first
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next-1 < first+n && sum.Failed < 5
	}
	t.Run("worlds", func(t *testing.T) {
		for range workers {
			t.Run("worker", func(t *testing.T) {
				t.Parallel()
				for seed, ok := take(); ok; seed, ok = take() {
					o := options(seed)
					o.Compile = compile
					r := sim.Run(t, o)
					mu.Lock()
					sum.Add(r)
					mu.Unlock()
					if r.Failed() {
						t.Errorf("seed %d: %v\n%.1000q\nrepeat: %s\n%s", seed, r.Struck, r.Violations, r.Repeat(), end(r.Trace))
					}
					if *trace {
						os.Stdout.Write(r.Trace)
					}
				}
			})
		}
	})
	return sum
}

// end is the last part of a trace; -show prints all of it.
func end(trace []byte) []byte {
	const most = 8 << 10
	if len(trace) <= most {
		return trace
	}
	cut := trace[len(trace)-most:]
	return cut[bytes.IndexByte(cut, '\n')+1:]
}

// TestSeedsRepeat: a seed gives one trace, byte for byte.
func TestSeedsRepeat(t *testing.T) {
	compile := newPolicies().compile
	for seed := uint64(1); seed <= 4; seed++ {
		a := sim.Run(t, sim.Options{Seed: seed, Compile: compile})
		b := sim.Run(t, sim.Options{Seed: seed, Compile: compile})
		if !bytes.Equal(a.Trace, b.Trace) {
			t.Errorf("seed %d: two traces, first difference in line %s", seed, firstLine(a.Trace, b.Trace))
		}
	}
}

func firstLine(a, b []byte) string {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return string(x[i]) + "\nand\n" + string(y[i])
		}
	}
	return "of the longer one"
}
