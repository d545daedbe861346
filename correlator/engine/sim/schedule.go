package sim

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"slices"
	"testing/synctest"
	"time"
)

// errDead is what a dead process would hear of its calls, could it hear.
var errDead = errors.New("sim: the process is dead")

// happening is something that will happen at a time. Those of one time happen in
// the order in which they were planned.
type happening struct {
	at   time.Duration
	n    uint64
	life *life // whose it is: it waits while that is frozen; nil: nobody's
	do   func()
}

type agenda []*happening

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(a[i].at, a[j].at), cmp.Compare(a[i].n, a[j].n)) < 0
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(*happening)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	h := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	return h
}

// plan has something happen after a while.
func (w *World) plan(after time.Duration, l *life, do func()) *happening {
	w.planned++
	h := &happening{at: w.now + max(after, 0), n: w.planned, life: l, do: do}
	heap.Push(&w.agenda, h)
	return h
}

// call is one request of a process to the world outside. Its goroutine waits
// until the world has performed it and answers.
type call struct {
	life   *life
	kind   string
	after  time.Duration // of a timer
	do     func() error  // the effect, and the answer
	err    error
	done   chan struct{}
	fire   chan time.Time // of a timer
	nobody bool           // its process died: the effect may come, nobody hears the answer
}

// ask files a call and waits for the answer. Which of several goroutines of a
// process files first does not matter: the world takes calls only when all of them
// have come to rest, and in the order of their kinds.
func (l *life) ask(ctx context.Context, kind string, do func() error) error {
	c := &call{life: l, kind: kind, do: do, done: make(chan struct{})}
	if !l.world.file(c) {
		return errDead
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *World) file(c *call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.life.dead {
		return false
	}
	w.filed = append(w.filed, c)
	return true
}

// step lets everything come to rest, and then the next thing happen. It reports
// false when nothing will happen until a time.
func (w *World) step(until time.Duration) bool {
	synctest.Wait()
	for w.collect() {
		synctest.Wait() // whoever died comes to rest as well
	}
	w.reap()
	for len(w.agenda) > 0 && w.agenda[0].at <= until {
		h := heap.Pop(&w.agenda).(*happening)
		if h.life != nil && h.life.frozen > h.at {
			h.at = h.life.frozen
			heap.Push(&w.agenda, h)
			continue
		}
		w.now = max(w.now, h.at)
		h.do()
		return true
	}
	w.now = max(w.now, until)
	return false
}

// run has everything happen that happens until a time.
func (w *World) run(until time.Duration) {
	for w.step(until) {
		w.steps++
	}
}

// collect plans what was asked for since the last step. It reports whether
// somebody died of it.
func (w *World) collect() (died bool) {
	w.mu.Lock()
	filed := w.filed
	w.filed = nil
	w.mu.Unlock()
	slices.SortFunc(filed, func(a, b *call) int {
		return cmp.Or(cmp.Compare(a.life.number, b.life.number), cmp.Compare(a.kind, b.kind), cmp.Compare(a.after, b.after))
	})
	var dying []*life
	for _, c := range filed {
		switch c.kind {
		case kindTimer:
			w.planTimer(c)
		case kindDeath:
			c.life.pending = append(c.life.pending, c)
			dying = append(dying, c.life)
		default:
			c.life.pending = append(c.life.pending, c)
			w.plan(w.latency(c.kind), c.life, func() { w.perform(c) })
		}
	}
	for _, l := range dying {
		w.kill(l, "failpoint "+l.die)
	}
	return len(dying) > 0
}

// planTimer has timers of one process that are due at one time fire together: which
// of its goroutines set which is not known.
func (w *World) planTimer(c *call) {
	at := w.now + c.after
	if due := c.life.timers[at]; due != nil {
		c.life.timers[at] = append(due, c)
		return
	}
	c.life.timers[at] = []*call{c}
	w.plan(c.after, c.life, func() {
		for _, t := range c.life.timers[at] {
			close(t.fire)
		}
		delete(c.life.timers, at)
	})
}

// perform is the moment at which a call has its effect and its answer.
func (w *World) perform(c *call) {
	if c.nobody {
		w.tell("%s: %s arrives after its process died", c.life, c.kind)
	}
	c.err = w.disturbed(c)
	if c.nobody {
		return
	}
	c.life.pending = slices.DeleteFunc(c.life.pending, func(p *call) bool { return p == c })
	close(c.done)
}

// latency is how long a call takes.
func (w *World) latency(kind string) time.Duration {
	switch kind {
	case kindCommit:
		return w.between(time.Millisecond, 6*time.Millisecond)
	case kindPublish, kindPublishAll, kindAppend, kindTick:
		return w.between(time.Millisecond, 30*time.Millisecond)
	}
	return w.between(0, 3*time.Millisecond)
}
