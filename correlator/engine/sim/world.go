package sim

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

const (
	chaosEnds = 80 * time.Second  // after it nothing goes wrong any more
	worldEnds = 190 * time.Second // by then everything must be well again
	storyTill = 60 * time.Second  // stories begin before it
)

// Options say which world to make.
type Options struct {
	Seed uint64
	// Compile makes a policy from its text, see engine.Config.
	Compile func(text string) (*correlator.Policy, error)
	// Seams are where a mechanism is switched off, to see whether that is found.
	Seams Seams
	// Only, where set, names the faults that may strike.
	Only []string
}

// Seams are the places at which a test can take a safety mechanism away. All may be
// nil.
type Seams struct {
	// Config changes what an engine is made from.
	Config func(engine.Config) engine.Config
	// MessageID changes the message id of an event.
	MessageID func(id string, ev events.Event) string
	// Core changes it for the undisturbed runs as well: what it takes away is not
	// found by comparing with them.
	Core func(engine.Config) engine.Config
	// Unverified leaves out the check of the journal at start.
	Unverified bool
	// Unguarded lets the alert stream take a revision again.
	Unguarded bool
	// Hasty tells sources that all is safe before the log has said so.
	Hasty bool
}

func (s Seams) config(c engine.Config) engine.Config {
	if s.Config != nil {
		c = s.Config(c)
	}
	return s.core(c)
}

func (s Seams) core(c engine.Config) engine.Config {
	if s.Core != nil {
		c = s.Core(c)
	}
	return c
}

func (s Seams) messageID(id string, ev events.Event) string {
	if s.MessageID == nil {
		return id
	}
	return s.MessageID(id, ev)
}

// World is everything around the engines, and the engines.
type World struct {
	opts  Options
	seams Seams
	rng   *rand.Rand
	now   time.Duration

	planned uint64
	agenda  agenda
	mu      sync.Mutex // guards what goroutines of processes touch
	filed   []*call
	said    map[string]int // error lines of the engines' logs

	broker     *broker
	alerts     *memory.Alerts
	quarantine *memory.Quarantine
	machines   []*machine
	sources    []*source
	policy     string
	batch      int
	together   int // from how many on alerts are published as one batch
	lives      int
	steps      int

	broken    map[string]*breakage
	network   map[string]*trouble
	transit   transit
	nextDeath death
	calm      bool
	damaged   bool // messages of the log were lost
	acked     []acked
	again     []eventlog.Message // what an unguarded alert stream took twice

	report Report
}

// death is the failpoint at which the next process dies.
type death struct {
	point string
	turn  int
}

// Run makes a world from a seed, lets it run with faults and then without, and
// judges what came of it.
func Run(t *testing.T, o Options) Report {
	t.Helper()
	var report Report
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(o)
		w.live()
		w.judge(t)
		report = w.report
	})
	return report
}

func newWorld(o Options) *World {
	w := &World{
		opts: o, seams: o.Seams, rng: rand.New(rand.NewPCG(o.Seed, 0x6f766572)), said: map[string]int{},
		broken: map[string]*breakage{}, network: map[string]*trouble{}, policy: policyText,
		report: Report{Seed: o.Seed, Struck: map[string]int{}},
	}
	at := func() time.Time { return began.Add(w.now) }
	w.broker = newBroker(w)
	w.alerts = memory.NewAlerts(memory.Options{Now: at})
	w.quarantine = memory.NewQuarantine(memory.Options{Now: at})
	w.batch = []int{1, 3, 16, 256}[w.rng.IntN(4)]
	w.together = []int{2, 2, 4, 1000}[w.rng.IntN(4)]
	w.write(3+w.rng.IntN(6), storyTill, worldEnds)
	return w
}

// live is the whole life of a world.
func (w *World) live() {
	a := w.machine("a")
	w.plan(0, nil, func() { a.boot(false) })
	for _, s := range w.sources {
		s.wake()
	}
	for range 1 + w.rng.IntN(5) {
		f := w.pick()
		w.plan(w.between(2*time.Second, chaosEnds-5*time.Second), nil, func() {
			w.tell("fault: %s", f.Name)
			w.struck(f.Name)
			f.Strike(w)
		})
	}
	w.run(chaosEnds)
	w.heal()
	w.run(worldEnds)
	w.checkReady()
	w.close()
}

// machine adds one, not booted.
func (w *World) machine(name string) *machine {
	m := &machine{world: w, name: name, disk: newDisk(w)}
	w.machines = append(w.machines, m)
	return m
}

// heal ends all faults.
func (w *World) heal() {
	w.tell("all is well from now on")
	w.calm = true
	clear(w.broken)
	clear(w.network)
	w.transit, w.nextDeath = transit{}, death{}
	w.broker.full, w.broker.stuffed, w.broker.stalled = false, false, 0
	for _, m := range w.machines {
		m.disk.full, m.noBoot = false, false
		if m.clock.wrong.Abs() > 12*time.Hour {
			m.clock.wrong = 0
		}
		if m.life == nil {
			m.bootIn(time.Second)
		} else {
			m.life.die = ""
		}
	}
	for _, s := range w.sources {
		s.quiet = 0
		s.wake()
	}
}

// close stops all processes as an operator would, has each state taken up to the
// end of the log, and stops again.
func (w *World) close() {
	w.shutdown()
	for _, m := range w.machines {
		m.boot(true)
	}
	w.run(w.now + 8*time.Second)
	w.shutdown()
	w.run(w.now + 60*time.Second) // what is still on its way
}

func (w *World) shutdown() {
	for _, m := range w.machines {
		m.noBoot = true
		if m.life != nil {
			m.life.stopped = true
			m.life.stop()
		}
	}
	for end := w.now + 10*time.Second; w.now < end && slices.ContainsFunc(w.machines, func(m *machine) bool { return m.life != nil }); {
		if !w.step(end) {
			break
		}
	}
	synctest.Wait()
	w.reap()
	for _, m := range w.machines {
		if m.life != nil {
			w.violate("%s does not stop", m.life)
			w.kill(m.life, "it does not stop")
		}
	}
	synctest.Wait()
}

func (w *World) compile(text string) (*correlator.Policy, error) { return w.opts.Compile(text) }

// tell writes a line of the trace.
func (w *World) tell(format string, args ...any) {
	w.report.Trace = fmt.Appendf(w.report.Trace, "%9.3f ", w.now.Seconds())
	w.report.Trace = fmt.Appendf(w.report.Trace, format, args...)
	w.report.Trace = append(w.report.Trace, '\n')
}

// violate notes that something is not as it must be.
func (w *World) violate(format string, args ...any) {
	w.tell("VIOLATION: "+format, args...)
	w.report.Violations = append(w.report.Violations, fmt.Sprintf(format, args...))
}

// struck counts a fault.
func (w *World) struck(what string) { w.report.Struck[what]++ }

// logger keeps what the engines say aloud.
func (w *World) logger(*life) *slog.Logger { return slog.New(ear{w}) }
