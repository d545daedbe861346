package endtoend

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
)

// The folder that is damaged holds the first incidents whole; of some that follow
// the last request is still to come, and more begin after the damage.
const (
	wholeBefore = 910
	splitBefore = 28
	newAfter    = 14
	padding     = 1000 // events that only fill the log
)

// damaged is what all runs begin with.
type damaged struct {
	base   time.Time
	images map[string]image             // "stopped", "killed", and killed while "behind" the log's end
	before map[string]map[string]string // of each image: body by subject, of what had been published
	seen   map[string]bool              // subjects of these that the SIEM has acknowledged
	want   remains                      // what it comes to without damage
}

// prepare runs the program, keeps its folder in three moments, and plays to the end
// from each without damage.
func prepare(t *testing.T) *damaged {
	t.Helper()
	d := &damaged{base: time.Now().UTC().Truncate(time.Second).Add(-4 * time.Hour), images: map[string]image{}, before: map[string]map[string]string{}}
	p := newProgram(t)
	p.siem = true
	f := &feeder{program: p, stored: map[string]bool{}}
	life := p.start(t, "")
	f.promise(t, d.base)
	f.vouch(t) // from here on they are no longer read for the first time
	f.tellAtOnce(t, d.base, 0, wholeBefore/2)
	f.vouch(t)
	p.settle(t, sealed)
	d.seen = p.fetch(t, siemHasRead)
	mustEnd(t, p, life)

	life = p.start(t, "slow:"+engine.PointBeforeCommit)
	f.tellAll(t, pad(t, d.base))
	f.tellAtOnce(t, d.base, wholeBefore/2, wholeBefore)
	for n := wholeBefore; n < wholeBefore+splitBefore; n++ {
		first, _ := split(t, d.base, n)
		f.tellAll(t, first)
	}
	f.vouch(t)
	d.before["behind"] = p.bodies(t)
	p.until(t, "aware of where the log ends", p.knowsEnd(t))
	p.until(t, "two commits on", p.commits(t, 2)) // the second says so
	life.kill()
	d.images["behind"] = readImage(t, p.dir)

	life = p.start(t, "")
	p.settle(t, sealed)
	d.before["killed"] = p.bodies(t)
	d.before["stopped"] = d.before["killed"]
	life.kill()
	d.images["killed"] = readImage(t, p.dir)
	life = p.start(t, "")
	p.settle(t, 0)
	mustEnd(t, p, life)
	d.images["stopped"] = readImage(t, p.dir)
	d.playUndamaged(t)
	return d
}

// commits waits for so many steps of the position from now on.
func (p *program) commits(t *testing.T, n int) func(app.Status) bool {
	t.Helper()
	at := uint64(0)
	return func(s app.Status) bool {
		if s.Position != at && at != 0 {
			n--
		}
		at = s.Position
		if s.Position == s.LogEnd {
			t.Fatal("it is not behind")
		}
		return n <= 0
	}
}

// knowsEnd waits until the engine has seen where the log ends: how far it says that it is
// behind is how far it is. It looks once a second, and later on a busy machine.
func (p *program) knowsEnd(t *testing.T) func(app.Status) bool {
	t.Helper()
	was := uint64(0)
	return func(s app.Status) bool {
		lag, stood := p.lag(t), s.Position == was
		was = s.Position
		return stood && lag == s.LogEnd-s.Position
	}
}

// lag is by how many messages the engine says that it is behind.
func (p *program) lag(t *testing.T) (lag uint64) {
	t.Helper()
	res, err := p.client.Get("http://" + p.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "overstay_log_lag %d", &lag); err == nil {
			return lag
		}
	}
	return 0
}

// bodies are the publications so far by subject.
func (p *program) bodies(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range p.published(t) {
		out[m.Subject] = string(m.Body)
	}
	return out
}

// playUndamaged finds out what it comes to, which must be the same from each image.
func (d *damaged) playUndamaged(t *testing.T) {
	t.Helper()
	for _, kind := range d.kinds() {
		t.Logf("%-8s %-30s %d files, %d bytes", kind.image, kind.kind, len(kind.files), kind.bytes)
	}
	undamaged := map[string]played{}
	var mu sync.Mutex
	t.Run("undamaged", func(t *testing.T) {
		for name, img := range d.images {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := d.play(t, name, img)
				if r.refused != "" || len(r.lost) > 0 || len(r.damage) > 0 {
					t.Fatalf("%s %v %v\n%s", r.refused, r.lost, r.damage, r.said)
				}
				mu.Lock()
				defer mu.Unlock()
				undamaged[name] = r
			})
		}
	})
	d.want = undamaged["stopped"].remains
	for name, other := range undamaged {
		sameEnds(t, name+": alert", d.want.alerts, other.alerts)
		sameEnds(t, name+": seal", d.want.seals, other.seals)
	}
	if t.Failed() {
		t.FailNow()
	}
	t.Logf("%d publications before the damage, %d of them given to the SIEM; %d alerts and %d seals at the end",
		len(d.before["killed"]), len(d.seen), len(d.want.alerts), len(d.want.seals))
}

func mustEnd(t *testing.T, p *program, life *process) {
	t.Helper()
	if err := life.terminate(); err != nil {
		t.Fatalf("%v\n%s", err, p.said())
	}
}

// split cuts an incident in two where that changes nothing of what it comes to: what
// overstays ends after all. The others are told at once.
func split(t *testing.T, base time.Time, n int) (first, rest [][]events.Event) {
	t.Helper()
	all := incident(t, base, n)
	switch n % 7 {
	case 0, 5, 6:
		return all[:len(all)-1], all[len(all)-1:]
	}
	return all, nil
}

func (f *feeder) tellAll(t *testing.T, requests [][]events.Event) {
	t.Helper()
	for _, evs := range requests {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := f.post(ctx, evs)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tellers are the sources of the incidents.
var tellers = []string{"pam://x", "vault://prod", "teleport://t", "ldap://corp"}

// promise says that every source will tell how far it has got: what it has done so
// for is told at once after a restart, and not only a minute later.
func (f *feeder) promise(t *testing.T, base time.Time) {
	t.Helper()
	for _, uri := range tellers {
		f.tellAll(t, requests(made(t, events.SourceResumed, uri, "resumed", base.Add(-time.Hour), "", &events.Resumed{
			Capabilities: events.Capabilities{Progress: true, Every: events.Duration(24 * time.Hour)},
		})))
	}
}

// vouch says that every source has told all it had until now.
func (f *feeder) vouch(t *testing.T) {
	t.Helper()
	now := time.Now().UTC()
	for _, uri := range tellers {
		f.tellAll(t, requests(made(t, events.SourceProgress, uri, "progress-"+now.Format(time.RFC3339Nano), now, "", &events.Progress{Through: now, Basis: events.ByPosition})))
	}
}

// tellAtOnce posts incidents in large batches.
func (f *feeder) tellAtOnce(t *testing.T, base time.Time, from, to int) {
	t.Helper()
	var batch []events.Event
	for n := from; n < to; n++ {
		for _, evs := range incident(t, base, n) {
			batch = append(batch, evs...)
		}
	}
	for some := range slices.Chunk(batch, 500) {
		f.tellAll(t, [][]events.Event{some})
	}
}

// pad is requests that were denied, and why, at length.
func pad(t *testing.T, base time.Time) [][]events.Event {
	t.Helper()
	var out [][]events.Event
	for n := range padding {
		id := fmt.Sprint("pad-", n)
		ev := made(t, events.ApprovalDenied, "pam://x", id, base, "", &events.Approval{ApprovalID: id, Reason: strings.Repeat(id+" ", 4000/(len(id)+1))})
		if n%50 == 0 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], ev)
	}
	return out
}
