package endtoend

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// played is how a life after the damage went.
type played struct {
	remains
	said    string
	refused string   // why it did not begin
	lost    []string // what had been published and cannot be read any more, or is not given to the SIEM
}

// play lives once on an image: the split incidents go on, and new ones come.
func (d *damaged) play(t *testing.T, name string, img image) played {
	t.Helper()
	p := newProgram(t)
	p.siem, p.given = true, map[string]bool{}
	if err := img.write(p.dir); err != nil {
		t.Fatal(err)
	}
	life := p.start(t, "")
	if !p.begins(t, life) {
		return played{said: p.said(), refused: lastLine(p.said())}
	}
	f := &feeder{program: p, stored: map[string]bool{}}
	for n := wholeBefore; n < wholeBefore+splitBefore; n++ {
		_, rest := split(t, d.base, n)
		f.tellAll(t, rest)
	}
	f.tell(t, d.base, wholeBefore+splitBefore, wholeBefore+splitBefore+newAfter)
	// A machine that stands still for five seconds opens another catch-up, which ends
	// once the sources speak again. What it comes to without damage, which is being
	// found out, is what they make no difference to.
	var r played
	for n := range 5 {
		f.vouch(t)
		p.settle(t, sealed)
		was := r
		r = d.look(t, p, name)
		known := d.want.alerts != nil
		if known && len(d.differences(r)) == 0 || known && n == 2 || !known && n > 0 && len(was.alerts) == len(r.alerts) && len(was.seals) == len(r.seals) {
			break
		}
	}
	life.kill()
	r.said = p.said()
	return r
}

// look sees what is published and what the SIEM is given.
func (d *damaged) look(t *testing.T, p *program, name string) played {
	t.Helper()
	r := played{remains: newRemains()}
	maps.Copy(p.given, p.fetch(t, 0))
	now := map[string]string{}
	for _, m := range p.published(t) {
		r.take(t, m)
		now[m.Subject] = string(m.Body)
		if !p.given[m.Subject] && !d.seen[m.Subject] {
			r.lost = append(r.lost, m.Subject+" is not given to the SIEM")
		}
	}
	for subject, body := range d.before[name] {
		if now[subject] != body {
			r.lost = append(r.lost, subject+" was published and is not there now")
		}
	}
	slices.Sort(r.lost)
	return r
}

// differences are all that is otherwise than without damage.
func (d *damaged) differences(r played) []string {
	if d.want.alerts == nil {
		return nil // it is what is being found out
	}
	out := append(differences("alert", d.want.alerts, r.alerts), differences("seal", d.want.seals, r.seals)...)
	return append(out, r.lost...)
}

// begins waits until the program is ready, and reports false when it ended instead.
func (p *program) begins(t *testing.T, life *process) bool {
	t.Helper()
	limit, again := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer limit.Stop()
	defer again.Stop()
	for {
		s, err := p.status(t.Context())
		if err == nil && s.Ready {
			return true
		}
		select {
		case <-life.done:
			return false
		case <-limit.C:
			t.Fatalf("it neither begins nor ends: %+v %v\n%s", s, err, p.said())
		case <-again.C:
		}
	}
}
