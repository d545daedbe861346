package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/journal"
)

// judge compares the world as it has become with what must hold:
//
//   - everything that a source was told is safe is in the log, unless the log itself
//     was damaged, and everything in the log is in each state;
//   - the alert stream is what an undisturbed engine makes of the log as it is now,
//     byte for byte; of a damaged log, in what it finally says;
//   - each state is, byte for byte, what an undisturbed engine has;
//   - no revision is there twice;
//   - what could not be read is in quarantine;
//   - one clock at a time drives the time of the log;
//   - what was told for certain is not taken back, nor what was told of a time in
//     which the clock was silent (certain.go).
//
// On the way it is judged that no process goes on after a commit of unknown result
// (disk.go), that damage to what was read is said (loud.go), and that all are ready
// again when nothing goes wrong any more.
func (w *World) judge(t *testing.T) {
	w.report.Messages = int(w.broker.last())
	w.report.Alerts = len(w.alerts.Published())
	w.report.Lives = w.lives
	w.judgeTwice()
	w.judgeQuarantine()
	w.judgeTaken()
	w.judgeStands()
	if w.damaged {
		w.judgeDamaged(t)
		return
	}
	w.judgeAcked()
	w.judgeTicks()
	w.judgeCertain()
	w.judgeCatchUp()
	w.judgeSame(t)
}

// judgeStands: whatever was lost, each alert stands in the end as its newest revision
// says. Its next number is one that nobody has; those that were given out while
// nothing was told are left out. Of two correlators on a damaged log each may have taken in other things.
func (w *World) judgeStands() {
	if len(w.machines) > 1 {
		return
	}
	last := map[string]said{}
	for _, m := range w.alerts.Published() {
		if v, err := readSaid(m); err == nil {
			last[v.id] = v
		}
	}
	correlator.NewView(engine.StateIn(w.machines[0].disk.now), correlator.DefaultPolicy()).EachAlert(func(a correlator.AlertRecord) bool {
		v := last[a.ID]
		stands, told := standing(string(a.State)), standing(v.State)
		if stands != told || v.Revision > a.Revision {
			w.violate("alert %s %s is %s at revision %d, and was told to be %s at revision %d", a.Rule, a.ID, a.State, a.Revision, v.State, v.Revision)
		}
		return true
	})
}

func standing(state string) bool { return state == "raised" || state == "updated" }

// checkReady makes sure that every engine is ready again.
func (w *World) checkReady() {
	for _, m := range w.machines {
		if m.life == nil {
			w.violate("%s is not up again", m.name)
			continue
		}
		if err := m.life.engine.Ready(context.Background()); err != nil {
			w.violate("%s is not ready again: %v", m.life, err)
		}
	}
}

// logged are all messages of the log as it is now.
func (w *World) logged() []eventlog.Message {
	var out []eventlog.Message
	for p := uint64(1); p <= w.broker.last(); p++ {
		if m, err := w.broker.log.At(context.Background(), p); err == nil {
			out = append(out, m)
		}
	}
	return out
}

// judgeAcked: what was acknowledged is there.
func (w *World) judgeAcked() {
	there := map[acked]bool{}
	for _, m := range w.logged() {
		if !eventlog.FromSource(m.Subject) {
			continue
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err == nil {
			there[acked{ev.Source, ev.ID, ev.Sequence}] = true
		}
	}
	for _, a := range w.acked {
		if !there[a] {
			w.violate("%s %s %s was acknowledged and is not in the log", a.source, a.id, a.number)
		}
	}
}

// judgeTwice: a revision of an alert is there once.
func (w *World) judgeTwice() {
	seen := map[string]bool{}
	for _, m := range append(w.alerts.Published(), w.again...) {
		k := eventlog.AnySeverity(m.Subject)
		if seen[k] {
			w.violate("%s was published twice", m.Subject)
		}
		seen[k] = true
	}
}

// judgeQuarantine: each message that cannot be read is kept.
func (w *World) judgeQuarantine() {
	kept := map[string]bool{}
	for _, m := range w.quarantine.Kept() {
		kept[m.Header["Overstay-Position"][0]] = true
	}
	for _, m := range w.logged() {
		if _, err := events.DecodeNATS(m.Header, m.Body); err != nil && !kept[strconv.FormatUint(m.Position, 10)] {
			w.violate("the message at %d cannot be read and is not in quarantine", m.Position)
		}
	}
}

// judgeTaken: what the log has was taken in by each state that reached it.
func (w *World) judgeTaken() {
	for _, m := range w.machines {
		taken := map[string]bool{}
		for c := m.disk.story; c != nil; c = c.before {
			for _, msg := range c.messages {
				taken[identity(msg)] = true
			}
		}
		for _, msg := range w.logged() {
			if msg.Position <= m.disk.head.Position.Seq && !taken[identity(msg)] {
				w.violate("the message at %d is in the log, and %s has never taken it in", msg.Position, m.name)
				return
			}
		}
	}
}

// judgeTicks: who did not write the last tick writes one only after a silence, but
// for the first of a process.
func (w *World) judgeTicks() {
	var last *events.Tick
	var at time.Time
	known := map[string]bool{}
	for _, m := range w.logged() {
		if m.Subject != events.SubjectTick {
			continue
		}
		ev, err := events.DecodeNATS(m.Header, m.Body)
		if err != nil {
			w.violate("a tick cannot be read: %v", err)
			return
		}
		tick := ev.Data.(*events.Tick)
		if last != nil && last.Boot != tick.Boot && known[tick.Boot] && m.Time.Sub(at) < silence {
			w.violate("two clocks drive the time of the log: the tick at %d comes %s after that of another", m.Position, m.Time.Sub(at))
			return
		}
		last, at, known[tick.Boot] = tick, m.Time, true
	}
}

// silence is what a standby waits for, less what a call may take.
const silence = 2*time.Second - 100*time.Millisecond

// judgeSame: alerts and states are those of an undisturbed engine.
func (w *World) judgeSame(t *testing.T) {
	ref := w.reference(t, w.broker.log)
	if diff := firstDifference(ref.alerts.Published(), w.alerts.Published()); diff != "" {
		w.violate("the alerts are not those of an undisturbed run: %s", diff)
	}
	want := contents(ref.store)
	for _, m := range w.machines {
		if diff := differs(want, contents(m.disk.now)); diff != "" {
			w.violate("the state of %s is not that of an undisturbed run: %s", m.name, diff)
		}
	}
}

// contents is what the core keeps in a state; the engine's own keys differ with the
// moment.
func contents(s store.Store) map[string]string {
	out := map[string]string{}
	if err := s.Scan(nil, nil, func(k, v []byte) bool {
		if k[0] != journal.Prefix && !strings.HasPrefix(string(k), "!outbox/") && string(k) != "!alerts" {
			out[string(k)] = string(v)
		}
		return true
	}); err != nil {
		out["error"] = err.Error()
	}
	return out
}

func differs(want, got map[string]string) string {
	var keys []string
	for k := range want {
		if got[k] != want[k] {
			keys = append(keys, k)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	slices.Sort(keys)
	return fmt.Sprintf("%d keys differ, first %q: %.300q, not %.300q", len(keys), keys[0], got[keys[0]], want[keys[0]])
}

// firstDifference tells two alert streams apart, "" where they are the same.
func firstDifference(want, got []eventlog.Message) string {
	for i := range min(len(want), len(got)) {
		if want[i].Subject != got[i].Subject {
			return fmt.Sprintf("publication %d is %s, not %s", i+1, got[i].Subject, want[i].Subject)
		}
		if !bytes.Equal(want[i].Body, got[i].Body) {
			return fmt.Sprintf("publication %d, %s, has other bytes: %s", i+1, got[i].Subject, where(want[i].Body, got[i].Body))
		}
	}
	if len(want) != len(got) {
		return fmt.Sprintf("%d publications, not %d", len(got), len(want))
	}
	return ""
}

// where shows the first place in which two bodies differ.
func where(want, got []byte) string {
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	cut := func(b []byte) []byte { return b[max(i-60, 0):min(i+60, len(b))] }
	return fmt.Sprintf("...%s... not ...%s...", cut(got), cut(want))
}

// identity tells messages apart wherever they stand in a log.
func identity(m eventlog.Message) string {
	h := sha256.New()
	h.Write([]byte(m.Subject))
	h.Write([]byte{0})
	h.Write(m.Body)
	return hex.EncodeToString(h.Sum(nil))
}
