package endtoend

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	kills    = flag.Int("kills", 20, "how often the program is killed")
	killSeed = flag.Uint64("kill-seed", 0, "seed of the moments; 0 takes one from the clock")
)

const feeders = 4

// TestKilledWhileEventsFlow: the program is killed with SIGKILL at random moments
// and at each failpoint of its loop while clients post; afterwards the log has
// every acknowledged event, and the alerts are those of a run without kills.
func TestKilledWhileEventsFlow(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (-kill-seed)", seed)
	began := time.Now()
	base := began.UTC().Truncate(time.Second).Add(-4 * time.Hour)
	incidents := 14*feeders + 2*(*kills)

	peace, war := run{program: newProgram(t)}, run{program: newProgram(t)}
	t.Run("lives", func(t *testing.T) {
		t.Run("in peace", func(t *testing.T) {
			t.Parallel()
			peace.play(t, base, incidents, nil)
		})
		t.Run("killed", func(t *testing.T) {
			t.Parallel()
			war.play(t, base, incidents, &killer{rng: rand.New(rand.NewPCG(seed, 0)), left: *kills})
		})
	})
	if t.Failed() {
		return
	}
	left, want := inspect(t, war.program), inspect(t, peace.program)
	again := 0
	for id := range war.stored {
		switch n := left.events[id]; {
		case n == 0:
			t.Errorf("%s was acknowledged and is not in the log", id)
		case n > 1:
			again++
		}
	}
	sameEnds(t, "alert", want.alerts, left.alerts)
	sameEnds(t, "seal", want.seals, left.seals)
	if len(want.alerts) < incidents/3 || len(want.seals) < incidents/3 {
		t.Errorf("%d alerts and %d seals from %d incidents: they prove too little", len(want.alerts), len(want.seals), incidents)
	}
	said := war.program.said()
	t.Logf("%d kills (%s) in %s: %d events acknowledged after %d retries, %d of them more than once in the log; %d alerts, %d seals, %d publications, as without kills (%d)",
		*kills, war.how, time.Since(began).Round(100*time.Millisecond), len(war.stored), war.retries, again, len(left.alerts), len(left.seals), left.total, want.total)
	for _, never := range []string{"a new epoch begins", "the log has a hole", "is in quarantine", "published before by another", "failed its check"} {
		if n := strings.Count(said, never); n > 0 {
			t.Errorf("it says %d times that %q", n, never)
		}
	}
}

// run is one program from its first life to its last.
type run struct {
	program *program
	stored  map[string]bool
	retries int
	how     string
}

// play feeds a program, kills it as asked, and lets it come to its end.
func (r *run) play(t *testing.T, base time.Time, incidents int, k *killer) {
	t.Helper()
	p := r.program
	allowed := make(chan struct{}, incidents*4)
	ctx, stop := context.WithTimeout(t.Context(), 10*patience)
	defer stop()
	feeds := make([]*feeder, feeders)
	total := 0
	for i := range feeds {
		feeds[i] = &feeder{program: p, allowed: allowed, stored: map[string]bool{}}
	}
	for n := range incidents {
		f := feeds[n%feeders]
		f.requests = append(f.requests, incident(t, base, n)...)
		total += len(incident(t, base, n))
	}
	fed := make(chan error, feeders)
	for _, f := range feeds {
		go func() { fed <- f.run(ctx) }()
	}
	if k != nil {
		r.how = k.work(t, p, allowed, total)
	}
	for len(allowed) < cap(allowed) {
		allowed <- struct{}{}
	}
	life := p.start(t, "")
	r.stored = map[string]bool{}
	for range feeds {
		if err := <-fed; err != nil {
			t.Errorf("feed: %v\n%s", err, p.said())
		}
	}
	p.settle(t, sealed)
	if err := life.terminate(); err != nil {
		t.Errorf("the last life ends with %v\n%s", err, p.said())
	}
	for _, f := range feeds {
		for id := range f.stored {
			r.stored[id] = true
		}
		r.retries += f.retries
	}
}

// killer ends lives.
type killer struct {
	rng  *rand.Rand
	left int
}

// points are the failpoints of the engine's loop.
var points = []string{"before-commit", "after-commit", "before-publish", "after-publish"}

// work lives and kills until enough lives have ended, and lets events flow in
// each of them. Every other life dies at a failpoint, the others at any moment,
// the start included. After every fifth the state is lost, and must come out of
// the log again as it was: the alert stream refuses a revision with other bytes.
func (k *killer) work(t *testing.T, p *program, allowed chan<- struct{}, requests int) string {
	t.Helper()
	atRandom, atPoint, lost := 0, 0, 0
	for i := range k.left {
		for range requests / (k.left + 1) {
			allowed <- struct{}{}
		}
		fail := ""
		if i%2 == 1 {
			fail = fmt.Sprintf("%s:%d", points[i/2%len(points)], 1+k.rng.IntN(12))
		}
		life := p.start(t, fail)
		moment := time.NewTimer(time.Duration(k.rng.Int64N(int64(1200 * time.Millisecond))))
		if fail != "" {
			moment.Reset(4 * time.Second) // a point that is passed too seldom
		}
		select {
		case <-moment.C:
			life.kill()
			atRandom++
		case <-life.done:
			atPoint++
		}
		moment.Stop()
		if !life.killed() {
			t.Errorf("life %d ended by itself: %v\n%s", i, life.err, p.said())
			return "broken"
		}
		if i%5 == 4 {
			lost++
			if err := os.RemoveAll(filepath.Join(p.dir, "state")); err != nil {
				t.Error(err)
			}
		}
	}
	return fmt.Sprintf("%d at random, %d at a failpoint, %d with loss of the state", atRandom, atPoint, lost)
}
