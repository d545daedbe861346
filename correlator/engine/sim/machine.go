package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/eventlog"
)

// machine is where a correlator runs: a disk and a clock that outlive its
// processes.
type machine struct {
	world *World
	name  string
	disk  *disk
	clock clock
	life  *life // nil: it is down
	boots int
	// noBoot: it stays down until somebody boots it.
	noBoot bool
}

// life is one process, from boot to death.
type life struct {
	world   *World
	machine *machine
	number  int
	engine  *engine.Engine
	stop    context.CancelFunc
	frozen  time.Duration // it does nothing before
	pending []*call
	timers  map[time.Duration][]*call
	readers []*reader
	seen    []eventlog.Message // handed out and not committed
	// uncertain: a commit failed, and nobody knows what is on disk.
	uncertain bool
	stopped   bool // it was asked to stop
	strange   bool // the log is not the one that its state was made from

	// Guarded by the world's mutex: its goroutines look at them too.
	dead  bool
	over  bool
	err   error
	calls map[string]int // of failpoints
	die   string         // the failpoint at which it dies, with its turn
	turn  int
}

func (l *life) String() string { return fmt.Sprintf("%s%d", l.machine.name, l.machine.boots) }

// boot starts a process, as the program does: a state that fails its check is
// begun anew.
func (m *machine) boot(manual bool) {
	w := m.world
	m.boots++
	w.lives++
	l := &life{
		world: w, machine: m, number: w.lives, timers: map[time.Duration][]*call{}, calls: map[string]int{},
		die: w.nextDeath.point, turn: w.nextDeath.turn,
	}
	w.nextDeath = death{}
	m.life, m.clock.booted, m.clock.asleep = l, w.now, 0
	opened := m.disk.open()
	l.strange = w.strange(m.disk)
	w.tell("%s: boots, %s", l, opened)
	cfg := engine.Config{
		Log: &lifeLog{l}, Alerts: &lifeAlerts{l}, Published: &lifePublished{l}, Quarantine: &lifeQuarantine{l}, Store: m.disk.store(l),
		Policy: w.policy, Compile: w.compile, Clock: &lifeClock{l}, Logger: w.logger(l), Metrics: deaf{},
		BatchMessages: w.batch, PublishTogether: w.together, Manual: manual, Fail: l.fail,
	}
	cfg = w.seams.config(cfg)
	e, err := engine.New(cfg)
	if err != nil {
		w.violate("an engine is not made: %v", err)
		return
	}
	l.engine = e
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go func() {
		err := e.Run(ctx)
		w.mu.Lock()
		defer w.mu.Unlock()
		l.over, l.err = true, err
	}()
}

// fail is the engine's failpoint: at the chosen one the process dies.
func (l *life) fail(point string) error {
	l.world.mu.Lock()
	l.calls[point]++
	strikes := l.die == point && l.calls[point] == l.turn
	l.world.mu.Unlock()
	if !strikes {
		return nil
	}
	return l.ask(context.Background(), kindDeath, nil)
}

// kill ends a process at once. What it has asked for and not heard of is lost, or
// comes later.
func (w *World) kill(l *life, why string) {
	if l == nil || l.machine.life != l {
		return
	}
	w.tell("%s: dies: %s", l, why)
	w.mu.Lock()
	l.dead = true
	w.mu.Unlock()
	for _, c := range l.pending {
		c.nobody = true
		if late := c.kind == kindAppend || c.kind == kindTick || c.kind == kindPublish || c.kind == kindPublishAll || c.kind == kindCommit; !late || w.chance(50) {
			c.do = func() error { return nil }
		} else if c.kind == kindCommit {
			// A disk does not go on writing after the process is gone.
			w.tell("%s: its last commit: %v", l, c.do())
			c.do = func() error { return nil }
		}
		c.err = errDead
		close(c.done)
	}
	for _, due := range l.timers {
		for _, t := range due {
			close(t.fire)
		}
	}
	clear(l.timers)
	for _, r := range l.readers {
		r.fail(errDead)
	}
	l.pending, l.frozen, l.machine.life = nil, 0, nil
	l.stop()
	if !l.machine.noBoot {
		l.machine.bootIn(w.between(time.Second, 4*time.Second))
	}
}

func (m *machine) bootIn(after time.Duration) {
	m.world.plan(after, nil, func() {
		if m.life == nil && !m.noBoot {
			m.boot(false)
		}
	})
}

// reap notices processes that ended by themselves.
func (w *World) reap() {
	for _, m := range w.machines {
		l := m.life
		if l == nil {
			continue
		}
		w.mu.Lock()
		over, err := l.over, l.err
		l.dead = l.dead || over
		w.mu.Unlock()
		if !over {
			continue
		}
		w.tell("%s: ends: %v", l, err)
		if l.uncertain && err == nil {
			w.violate("%s went on to a good end after a commit of unknown result", l)
		}
		m.life = nil
		l.stop()
		for _, c := range l.pending {
			c.nobody = true
		}
		if !l.stopped {
			m.bootIn(w.between(time.Second, 3*time.Second))
		}
	}
}

// deaf is metrics that nobody reads.
type deaf struct{}

func (deaf) EventApplied(string, string)                          {}
func (deaf) EventQuarantined(string)                              {}
func (deaf) AlertPublished(string, string, string, time.Duration) {}
func (deaf) SetLag(int64)                                         {}
func (deaf) SetOpenAccesses(int64)                                {}
func (deaf) SetArmedTimers(int64)                                 {}
func (deaf) SetOverdue(time.Duration)                             {}
func (deaf) SetOutboxDepth(int64)                                 {}
func (deaf) SetSourceProgressAge(string, time.Duration)           {}
