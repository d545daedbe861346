package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/eventlog"
)

// TestPublishedBeforeWithOtherBytes: by the same semantics in the same epoch that
// is a contradiction and ends the engine; from another, what is published stands.
func TestPublishedBeforeWithOtherBytes(t *testing.T) {
	first := known(t).alerts.Published()[0]
	for _, c := range []struct {
		name     string
		old, new string
		ends     bool
	}{
		{"a contradiction", `"status":"New"`, `"status":"Old"`, true},
		{"another epoch", `"epoch":1`, `"epoch":7`, false},
		{"another log", `"logId":"memory@1"`, `"logId":"memory@0"`, false},
		{"other semantics", `"semantics":"overstay-1"`, `"semantics":"overstay-0"`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !bytes.Contains(first.Body, []byte(c.old)) {
				t.Fatalf("the alert has no %s: %s", c.old, first.Body)
			}
			w := newWorld()
			other := bytes.ReplaceAll(first.Body, []byte(c.old), []byte(c.new))
			if err := w.alerts.Publish(t.Context(), eventlog.Entry{Subject: first.Subject, Body: other}); err != nil {
				t.Fatal(err)
			}
			w.append(t, overstayed(t)...)
			err := w.play(t, w.config())
			var different *eventlog.DifferentError
			if c.ends != errors.As(err, &different) {
				t.Errorf("the engine ends with %v", err)
			}
			if quiet := strings.Contains(w.said.String(), "nothing is told until"); quiet == c.ends {
				t.Errorf("it says %s", w.said)
			}
			if !c.ends {
				w.append(t, tick(t, 15*time.Minute+10*time.Second))
				w.mustPlay(t)
			}
			if got := w.alerts.Published(); len(got) != 1 || !bytes.Equal(got[0].Body, other) {
				t.Errorf("%d messages, and not the one that was there", len(got))
			}
		})
	}
}

// unreachable is an alert stream that takes nothing for a while.
type unreachable struct{ err error }

func (u unreachable) Publish(context.Context, eventlog.Entry) error      { return u.err }
func (u unreachable) PublishAll(context.Context, []eventlog.Entry) error { return u.err }

// full is an alert stream that has no room at first.
type full struct {
	eventlog.Alerts
	tries atomic.Int64
}

func (f *full) Publish(ctx context.Context, e eventlog.Entry) error {
	if f.tries.Add(-1) >= 0 {
		return fmt.Errorf("publish on %s: %w", e.Subject, eventlog.ErrFull)
	}
	return f.Alerts.Publish(ctx, e)
}

// startFull runs an engine, in a bubble, until it waits for room in the alert stream,
// of which there is some at the fourth try.
func (w *world) startFull(t *testing.T, cfg engine.Config) (e *engine.Engine, end func()) {
	t.Helper()
	f := &full{Alerts: w.alerts}
	f.tries.Store(3)
	cfg.Alerts = f
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	synctest.Wait()
	return e, func() {
		t.Helper()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// TestFullAlertStream: the engine goes on, is not ready and says why, and tells what
// it had to say once there is room.
func TestFullAlertStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.append(t, overstayed(t)...)
		cfg := w.config()
		e, end := w.startFull(t, cfg)
		if err := e.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "the alert stream is full") {
			t.Errorf("while it is full: %v", err)
		}
		if err := e.WaitPublished(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := e.Ready(t.Context()); err != nil {
			t.Errorf("once there is room: %v", err)
		}
		end()
		if want := known(t).digest(); w.digest() != want {
			t.Errorf("told %q", w.lines(t))
		}
	})
}

// TestFullAlertStreamAtTheStart: what a former state had yet to tell is waited for as
// well, where the log is found to be another one.
func TestFullAlertStreamAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.append(t, overstayed(t)...)
		cfg := w.config()
		away := errors.New("no route to host")
		cfg.Alerts = unreachable{away}
		if err := w.play(t, cfg); !errors.Is(err, away) {
			t.Fatalf("the engine ends with %v", err)
		}
		w.log.Recreate()
		e, end := w.startFull(t, cfg)
		if e.Outbox() == 0 {
			t.Error("nothing waits for room")
		}
		if err := e.WaitPublished(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		end()
		if got := w.lines(t); !slices.Equal(got, []string{"OV-001 r1 raised", "OV-025 r1 raised"}) {
			t.Errorf("told %q", got)
		}
	})
}

// TestAlertsCannotBePublished: the engine ends, and what it had to say waits in
// the state for the next one.
func TestAlertsCannotBePublished(t *testing.T) {
	w := newWorld()
	w.append(t, overstayed(t)...)
	cfg := w.config()
	away := errors.New("no route to host")
	cfg.Alerts = unreachable{away}
	if err := w.play(t, cfg); !errors.Is(err, away) {
		t.Errorf("the engine ends with %v", err)
	}
	w.mustPlay(t)
	if want := known(t).digest(); w.digest() != want {
		t.Errorf("told %q", w.lines(t))
	}
}
