package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/journal"
)

// judge compares the world as it has become with what must hold:
//
//   - everything that a source was told is safe is in the log, unless the log itself
//     was damaged;
//   - the alert stream is what an undisturbed engine makes of the log as it is now;
//     of a damaged log, at least in what it finally says;
//   - no revision is there twice;
//   - each state is, byte for byte, what an undisturbed engine has;
//   - damage is said aloud.
func (w *World) judge(t *testing.T) {
	w.report.Messages = int(w.broker.last())
	w.report.Alerts = len(w.alerts.Published())
	w.report.Lives = w.lives
	w.judgeAcked()
	w.judgeTwice()
	if w.damaged {
		w.judgeDamaged(t)
	} else {
		w.judgeSame(t)
	}
}

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
	if w.damaged {
		return
	}
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
	for _, m := range w.alerts.Published() {
		k := eventlog.AnySeverity(m.Subject)
		if seen[k] {
			w.violate("%s was published twice", m.Subject)
		}
		seen[k] = true
	}
}

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
		if k[0] != journal.Prefix && !strings.HasPrefix(string(k), "!outbox/") {
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
