package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	logmemory "github.com/overstay/overstay/store/eventlog/memory"
)

// look runs an engine until it has looked through the alert stream and applied
// what it says of that, then advances the time of the log and stops.
func (w *world) look(t *testing.T, cfg engine.Config, at time.Duration) {
	t.Helper()
	looked := make(chan struct{})
	cfg.Fail = func(point string) error {
		if point == engine.PointLooked {
			close(looked)
		}
		return nil
	}
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	select {
	case <-looked:
	case err := <-ended:
		t.Fatal(err)
	}
	w.append(t, tickOf(t, "later", at))
	if err := errors.Join(e.WaitApplied(ctx, w.last(t)), e.WaitPublished(ctx)); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// bodies are the publications by subject, those of OV-025 apart.
func (w *world) bodies() (all map[string]string, tampered int) {
	all = map[string]string{}
	for _, m := range w.alerts.Published() {
		if strings.Contains(m.Subject, ".OV-025.") {
			tampered++
			continue
		}
		all[m.Subject] += string(m.Body) + "\n" // twice on one subject shows
	}
	return all, tampered
}

func (w *world) observed(t *testing.T, what string) (n int) {
	t.Helper()
	for pos := uint64(1); pos <= w.last(t); pos++ {
		m, err := w.log.At(t.Context(), pos)
		if err != nil {
			t.Fatal(err)
		}
		if ev, err := events.DecodeNATS(m.Header, m.Body); err == nil {
			if o, ok := ev.Data.(*events.Observation); ok && o.What == what {
				n++
			}
		}
	}
	return n
}

// TestLostAlertsArePublishedAgain: whatever the alert stream loses, the next life
// finds out, has it there again as it was, says so and raises OV-025, once.
func TestLostAlertsArePublishedAgain(t *testing.T) {
	entries := writeHistory(t, 11, 6, 8*time.Minute)
	rng := rand.New(rand.NewPCG(11, 0))
	one := func(m eventlog.Message) bool { return m.Position == 3 }
	for name, lost := range map[string]func(eventlog.Message) bool{
		"one":         one,
		"the end":     func(m eventlog.Message) bool { return m.Position > 5 },
		"the oldest":  func(m eventlog.Message) bool { return m.Position < 4 },
		"everything":  func(eventlog.Message) bool { return true },
		"some":        func(eventlog.Message) bool { return rng.IntN(3) == 0 },
		"nothing":     func(eventlog.Message) bool { return false },
		"every other": func(m eventlog.Message) bool { return m.Position%2 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.append(t, entries...)
			w.mustPlay(t)
			want, _ := w.bodies()
			w.look(t, w.config(), time.Hour)
			before := len(w.alerts.Published())
			w.alerts.Lose(lost)
			n := before - len(w.alerts.Published())
			w.look(t, w.config(), time.Hour+time.Second)
			got, tampered := w.bodies()
			for subject, body := range want {
				if got[subject] != body {
					t.Errorf("%s is %.80q, and was %.80q", subject, got[subject], body)
				}
			}
			told := min(n, 1)
			if tampered != told || w.observed(t, events.ObservedAlerts) != told {
				t.Errorf("%d of %d are lost: %d alerts and %d observations say so\n%s", n, before, tampered, w.observed(t, events.ObservedAlerts), w.said)
			}
			if said := fmt.Sprintf("publishedAgain=%d goneForEver=0", n); n > 0 && !strings.Contains(w.said.String(), said) {
				t.Errorf("it does not say %q\n%s", said, w.said)
			}
			w.look(t, w.config(), time.Hour+2*time.Second)
			if w.observed(t, events.ObservedAlerts) != told {
				t.Errorf("the next life says it again\n%s", w.said)
			}
		})
	}
}

// TestLostAlertsTooOldToPublishAgain: what the outbox no longer has is missed all
// the same, and said.
func TestLostAlertsTooOldToPublishAgain(t *testing.T) {
	for name, lost := range map[string]func(eventlog.Message) bool{
		"from the middle": func(m eventlog.Message) bool { return m.Position == 2 || m.Position == 3 },
		"the oldest":      func(m eventlog.Message) bool { return m.Position < 3 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.append(t, writeHistory(t, 11, 6, 8*time.Minute)...)
			cfg := w.config()
			cfg.KeptBytes = 1
			if err := w.play(t, cfg); err != nil {
				t.Fatal(err)
			}
			w.look(t, cfg, time.Hour)
			w.alerts.Lose(lost)
			for i := range 2 {
				w.look(t, cfg, time.Hour+time.Duration(i+1)*time.Second)
				_, tampered := w.bodies()
				if tampered != 1 || w.observed(t, events.ObservedAlerts) != 1 || !strings.Contains(w.said.String(), "publishedAgain=0 goneForEver=2") {
					t.Errorf("life %d: %d alerts and %d observations\n%s", i, tampered, w.observed(t, events.ObservedAlerts), w.said)
				}
			}
		})
	}
}

// TestAgedAlertsAreNotMissed: what left the stream for its age is neither published
// again nor called lost.
func TestAgedAlertsAreNotMissed(t *testing.T) {
	w := newWorld()
	at := func() time.Time { return began }
	w.alerts = logmemory.NewAlerts(logmemory.Options{Now: at, MaxAge: 24 * time.Hour}) // the clock says that it is months later
	w.append(t, writeHistory(t, 11, 6, 8*time.Minute)...)
	w.mustPlay(t)
	w.look(t, w.config(), time.Hour)
	w.alerts.Lose(func(m eventlog.Message) bool { return m.Position < 10 })
	want, _ := w.bodies()
	w.look(t, w.config(), time.Hour+time.Second)
	got, tampered := w.bodies()
	if !maps.Equal(want, got) || tampered != 0 {
		t.Errorf("%v is there, and before it was %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// TestALogThatLostWhatWasNotYetApplied: the log ends before where it was seen to
// end, though not before the position. Its numbers will be given out again.
func TestALogThatLostWhatWasNotYetApplied(t *testing.T) {
	w := newWorld()
	entries := writeHistory(t, 11, 6, 8*time.Minute)
	w.append(t, entries...)
	cfg := w.config()
	cfg.BatchMessages = 4
	cfg.Fail = newFailpoint(engine.PointAfterCommit, 3).fail
	if !crash(t, w, cfg) {
		t.Fatal("it got through")
	}
	applied := w.position(t).Seq
	w.log.Truncate(applied + 5)
	w.mustPlay(t)
	if !strings.Contains(w.said.String(), "was seen to reach to") || w.position(t).Epoch == 1 {
		t.Errorf("it goes on at %+v as if nothing had happened\n%s", w.position(t), w.said)
	}
}
