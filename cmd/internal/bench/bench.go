package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/cmd/internal/memory"
	"github.com/overstay/overstay/store/eventlog"
)

// Parts are what can be measured, in the order in which it is.
var Parts = []string{"live", "replay", "memory", "restart", "timers", "latency", "hot-subject", "growth"}

// Usual are the parts that are measured unless others are asked for: all but growth,
// which fills a state several times over.
var Usual = Parts[:len(Parts)-1]

// The sizes that the targets are for.
const (
	DefaultEvents = 500_000
	DefaultOpen   = 1_000_000
)

// Options say what is measured.
type Options struct {
	// Parts are some of [Parts]; nil: [Usual].
	Parts []string
	// Events is how many the company's log has, DefaultEvents when 0.
	Events int
	// Open is how many accesses are open in the parts memory, restart and timers, and at
	// most in growth, DefaultOpen when 0.
	Open int
	// Seed makes the load up.
	Seed uint64
	// Dir is where the folder of a run is made; "": where the system has its
	// temporary files. It needs 4 KB for each event and each open access.
	Dir string
	// Memory is the budget that an engine keeps to, memory.Default when 0. What the Go
	// runtime does about it is the caller's to say (memory.Budget.Govern): it is the
	// whole process's.
	Memory memory.Budget
	// Profiles is a folder in which each part but restart leaves a profile of the
	// processor's time while it was measured; "": none is taken.
	Profiles string
	// Say, where it is set, is told what is being done.
	Say func(what string)
	// Progress, where it is set, is told how much of it is done.
	Progress func(what string, done, all int)
}

// bytes is the room on disk that the largest part may need, with half of it to spare.
func (o Options) bytes() int64 { return (4 << 10) * int64(o.Events+o.Open) }

// Check says what is wrong with the options, nil if nothing.
func (o Options) Check() error {
	for _, p := range o.Parts {
		if !slices.Contains(Parts, p) {
			return fmt.Errorf("there is no part %q; there are %s", p, strings.Join(Parts, ", "))
		}
	}
	if o.Events < 0 || o.Events > 0 && o.Events < 1000 || o.Open < 0 || o.Open > 0 && o.Open < 1000 {
		return errors.New("at least 1,000 events and 1,000 open accesses are needed")
	}
	return nil
}

// run is a run under way.
type run struct {
	Options
	dir    string
	report *Report

	empty float64 // messages per second that an empty handler reads; 0: not measured yet
}

// Run measures. Its folder is gone afterwards, also after an error.
func Run(ctx context.Context, o Options) (out Report, err error) {
	if err := o.Check(); err != nil {
		return out, err
	}
	if len(o.Parts) == 0 {
		o.Parts = Usual
	}
	if o.Events == 0 {
		o.Events = DefaultEvents
	}
	if o.Open == 0 {
		o.Open = DefaultOpen
	}
	if o.Memory == 0 {
		o.Memory = memory.Default
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	if o.Profiles != "" {
		if err := os.MkdirAll(o.Profiles, 0o755); err != nil {
			return out, fmt.Errorf("make the folder for profiles: %w", err)
		}
	}
	dir, err := os.MkdirTemp(o.Dir, "overstay-bench-")
	if err != nil {
		return out, fmt.Errorf("make a folder for the run: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	out = Report{Machine: thisMachine(), Seed: o.Seed, Events: o.Events, Open: o.Open, Budget: o.Memory, Parts: o.Parts}
	r := &run{Options: o, dir: dir, report: &out}
	o.Say(o.outlook())
	for _, stage := range []struct {
		parts []string
		do    func(context.Context) error
	}{
		{[]string{"live", "replay"}, r.inRig("log", r.measureLog)},
		{[]string{"memory", "restart", "timers"}, r.measureGrown},
		{[]string{"latency"}, r.measureLatency},
		{[]string{"hot-subject"}, r.inRig("hot", r.measureHotSubject)},
		{[]string{"growth"}, inTurn(r.inRig("growth", r.measureGrowth), r.inRig("turnover", r.measureTurnover))},
	} {
		parts := slices.DeleteFunc(stage.parts, func(p string) bool { return !r.wants(p) })
		if len(parts) == 0 {
			continue
		}
		debug.FreeOSMemory() // what a part before left behind is not this one's
		begins := time.Now()
		if err := stage.do(ctx); err != nil {
			return out, fmt.Errorf("measure %s: %w", strings.Join(parts, ", "), err)
		}
		out.Stages = append(out.Stages, Stage{Parts: parts, Took: time.Since(begins)})
	}
	out.Took = time.Since(began)
	return out, nil
}

func (r *run) wants(part string) bool { return slices.Contains(r.Parts, part) }

func (r *run) figure(part, name string, value float64, unit string, t *Target) {
	r.report.Figures = append(r.report.Figures, Figure{Part: part, Name: name, Value: value, Unit: unit, Target: t})
}

// folder makes a part's folder, and what removes it: the disk is free for the next.
func (r *run) folder(name string) (string, func() error, error) {
	dir := filepath.Join(r.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("make a folder for %s: %w", name, err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// inTurn measures one after the other.
func inTurn(stages ...func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, do := range stages {
			if err := do(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// feed collects entries and appends them a thousand at a time.
type feed struct {
	ctx   context.Context
	log   eventlog.Log
	batch []eventlog.Entry
	done  int
	told  func(done int)
}

func (f *feed) put(e eventlog.Entry) error {
	f.batch = append(f.batch, e)
	if len(f.batch) < 1000 {
		return nil
	}
	return f.flush()
}

func (f *feed) flush() error {
	if len(f.batch) == 0 {
		return nil
	}
	if err := f.log.Append(f.ctx, f.batch); err != nil {
		return fmt.Errorf("fill the log: %w", err)
	}
	f.done += len(f.batch)
	f.batch = f.batch[:0]
	if f.told != nil {
		f.told(f.done)
	}
	return nil
}
