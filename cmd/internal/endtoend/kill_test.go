package endtoend

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/correlator/engine"
)

var (
	kills    = flag.Int("kills", 20, "how often the program is killed")
	killSeed = flag.Uint64("kill-seed", 0, "seed of the moments; 0 takes one from the clock")
)

const feeders = 4

// TestKilledWhileEventsFlow: the program is killed with SIGKILL at random moments
// and at each failpoint while clients post; afterwards the log has
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
	incidents := 14*feeders + 3*(*kills)

	peace, war := run{program: newProgram(t)}, run{program: newProgram(t)}
	war.program.checkpoints = true
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
	if len(differences("alert", want.alerts, left.alerts)) > 0 {
		// Where the clock stood still for five seconds what fell due is kept back
		// for a minute.
		life := war.program.start(t, "")
		war.program.settle(t, time.Minute+sealed)
		mustEnd(t, war.program, life)
		left = inspect(t, war.program)
	}
	again := 0
	for id := range war.stored {
		switch n := left.events[id]; {
		case n == 0:
			t.Errorf("%s was acknowledged and is not in the log", id)
		case n > 1:
			again++
		}
	}
	if len(left.damage) > 0 {
		t.Errorf("the log is called damaged: %v", left.damage)
	}
	sameEnds(t, "alert", want.alerts, left.alerts)
	sameEnds(t, "seal", want.seals, left.seals)
	if len(want.alerts) < incidents/3 || len(want.seals) < incidents/3 {
		t.Errorf("%d alerts and %d seals from %d incidents: they prove too little", len(want.alerts), len(want.seals), incidents)
	}
	said := war.program.said()
	t.Logf("%d kills in %s, %s%d events acknowledged after %d retries, %d of them more than once in the log; %d alerts, %d seals, %d publications, as without kills (%d)",
		*kills, time.Since(began).Round(100*time.Millisecond), war.how, len(war.stored), war.retries, again, len(left.alerts), len(left.seals), left.total, want.total)
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
		told := unhurried(t, base, n)
		f.requests = append(f.requests, told...)
		total += len(told)
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

// passings is how often a life of this test may be expected to pass a point: a
// dozen where it is not named.
var passings = map[string]int{
	app.PointStateOpened: 1, app.PointLogOpened: 1, engine.PointIdentified: 1, engine.PointLooked: 1,
	app.PointAppending: 4, app.PointAppended: 4, engine.PointTicked: 3, engine.PointBeforeCommit: 6, engine.PointAfterCommit: 6,
	engine.PointCheckpointing: 1000, engine.PointCheckpointed: 3, engine.PointLoading: 500,
	engine.PointBeforePublish: 4, engine.PointAfterPublish: 4, engine.PointBetweenPublications: 2,
}

// pointsToDie are all that the program passes here: nothing gets into quarantine.
func pointsToDie() []string {
	return slices.DeleteFunc(app.Points(), func(p string) bool { return p == engine.PointQuarantined })
}

// work lives and kills until enough lives have ended, and lets events flow in
// each of them. Of four lives three die at a failpoint, each in turn, and one at any
// moment, the start included. After every fifth the state is lost, and must come
// out of a checkpoint and the log again as it was: the alert stream refuses a
// revision with other bytes.
func (k *killer) work(t *testing.T, p *program, allowed chan<- struct{}, requests int) string {
	t.Helper()
	lost, turn, points := 0, 0, pointsToDie()
	for i := range k.left {
		for range requests / (k.left + 1) {
			allowed <- struct{}{}
		}
		fail, limit := "", time.Duration(k.rng.Int64N(int64(1200*time.Millisecond)))
		if i%4 != 0 {
			point := points[turn%len(points)]
			often := cmp.Or(passings[point], 12)
			fail, limit, turn = fmt.Sprintf("%s:%d", point, 1+k.rng.IntN(often)), 8*time.Second, turn+1
		}
		if strings.HasPrefix(fail, engine.PointLoading) {
			p.loseState(t)
			lost++
		}
		life := p.start(t, fail)
		moment := time.NewTimer(limit) // or a point that is passed too seldom
		select {
		case <-moment.C:
			life.kill()
		case <-life.done:
		}
		moment.Stop()
		if !life.killed() {
			t.Errorf("life %d ended by itself: %v\n%s", i, life.err, p.said())
			return "broken"
		}
		if i%5 == 4 {
			lost++
			p.loseState(t)
		}
	}
	return fmt.Sprintf("%d with loss of the state; where they ended:%s", lost, k.count(t, p))
}

// count says how many lives ended where.
func (k *killer) count(t *testing.T, p *program) string {
	t.Helper()
	said, rest, points, out := p.said(), k.left, pointsToDie(), ""
	for _, point := range points {
		n := strings.Count(said, diesAt+point+"\n")
		out += fmt.Sprintf("\n%6d  %s", n, point)
		rest -= n
		// Some lives are over before they come to their point, most are not.
		if n < k.left/len(points)/3 {
			t.Errorf("only %d of %d lives end at %s", n, k.left, point)
		}
	}
	return out + fmt.Sprintf("\n%6d  at any moment\n", rest)
}

func (p *program) loseState(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, "state")); err != nil {
		t.Error(err)
	}
}
