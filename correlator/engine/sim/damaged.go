package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// verdict is what is finally said of one alert, in the words that a damaged log
// must not change: where it stands, over which interval of which access, and on
// what its end rests.
type verdict struct{ rule, text string }

// judgeDamaged: what is finally said is what follows from all that a state ever took
// in. A message that the log lost before anybody read it is lost to all; one that
// was read stays in effect, and is told of as if the log still had it.
func (w *World) judgeDamaged(t *testing.T) {
	said := verdicts(w, w.alerts.Published())
	var want []map[string]verdict
	for _, m := range w.machines {
		if m.disk.begun > 0 {
			return // a state was lost with parts of the log: see the package comment
		}
		ref := w.reference(t, w.ideal(m.disk.story))
		want = append(want, verdicts(w, ref.alerts.Published()))
	}
	lost := w.lostCauses()
	ids := map[string]bool{}
	for id := range said {
		ids[id] = true
	}
	for _, v := range want {
		for id := range v {
			ids[id] = true
		}
	}
	for id := range ids {
		if slices.ContainsFunc(want, func(v map[string]verdict) bool { return v[id] == said[id] }) {
			continue
		}
		if lost[id] {
			w.tell("what is finally said of %s follows from a message that state and log have lost", id)
			continue
		}
		w.violate("of %s it is finally said %q, and what was taken in says %q", id, said[id], want[0][id])
	}
}

// lostCauses are the alerts whose newest revision follows from a message that
// nobody has any more: a power cut took back the commit that had taken it in, and
// it left the log before the next start. They stand as they were told.
func (w *World) lostCauses() map[string]bool {
	known := map[string]bool{}
	for _, m := range w.logged() {
		known[engine.Anchor(m)] = true
	}
	for _, m := range w.machines {
		for c := m.disk.story; c != nil; c = c.before {
			for _, msg := range c.messages {
				known[engine.Anchor(msg)] = true
			}
		}
	}
	out := map[string]bool{}
	for _, m := range w.alerts.Published() {
		if v, err := readSaid(m); err == nil {
			out[v.id] = !known[m.Header[engine.AnchorHeader][0]]
		}
	}
	return out
}

// ideal is a log of all that a state took in, each message once, as if nothing had
// happened to any of it.
func (w *World) ideal(story *chapter) *memory.Log {
	var chapters []*chapter
	for c := story; c != nil; c = c.before {
		chapters = append(chapters, c)
	}
	slices.Reverse(chapters)
	var all []eventlog.Message
	known := map[string]bool{}
	for _, c := range chapters {
		for _, m := range c.messages {
			k := identity(m)
			if known[k] || m.Subject == events.SystemSubject("epoch") {
				continue
			}
			known[k] = true
			m.Position = uint64(len(all) + 1)
			all = append(all, m)
		}
	}
	log, err := memory.Load(memory.Options{ID: "ideal@1", Now: func() time.Time { return began }}, all)
	if err != nil {
		w.violate("the ideal log: %v", err)
	}
	return log
}

// verdicts are the last revisions of the alerts of a stream. A retracted one is as
// if it had never been; what is said of sources and of the log itself differs with
// the damage.
func verdicts(w *World, published []eventlog.Message) map[string]verdict {
	out := map[string]verdict{}
	for _, m := range published {
		o, err := readSaid(m)
		if err != nil {
			w.violate("%s cannot be read: %v", m.Subject, err)
			continue
		}
		id := o.id
		switch {
		case o.Rule == "", o.Rule == "OV-022", o.Rule == "OV-025":
			continue
		case o.State == "retracted", o.Closing == "told by another alert", o.Rule == "OV-003" && o.State == "resolved":
			delete(out, id) // a forecast that came to nothing, whichever way
			continue
		case o.State == "resolved":
			// How it ended is what was known when that was told; what comes to be
			// known later of a closed one makes no revision.
			out[id] = verdict{o.Rule, o.Closing}
			continue
		}
		out[id] = verdict{o.Rule, "open: " + strings.Join(facets(o.evidences), "; ")}
	}
	return out
}

// facets are the accesses of an open alert. Of several the end of one makes no
// revision: whether it is told depends on what other reason there was for one since,
// and where the alert stream was read back (system.told) that may be the reading.
func facets(of []evidence) []string {
	of = slices.DeleteFunc(slices.Clone(of), func(e evidence) bool { return e.Data.From == "" })
	var out []string
	for _, e := range of {
		d := e.Data
		if len(of) > 1 {
			d.To, d.Basis, d.Closed = "", "", ""
		}
		out = append(out, fmt.Sprintf("%s %s..%s %s %s", d.ID, d.From, d.To, d.Basis, d.Closed))
	}
	slices.Sort(out)
	return out
}
