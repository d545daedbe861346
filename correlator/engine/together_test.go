package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// crowd is a log in which many outlive their windows at once.
func crowd(t *testing.T) []eventlog.Entry {
	t.Helper()
	out := []eventlog.Entry{tick(t, 0)}
	const many = 60
	for i := range many {
		out = append(out, granted(t, fmt.Sprint("REQ-", i), events.ID(fmt.Sprint("u", i)), time.Minute, 11*time.Minute))
	}
	out = append(out, tick(t, time.Minute))
	for i := range many {
		out = append(out, issued(t, fmt.Sprint("L", i), events.ID(fmt.Sprint("u", i)), 2*time.Minute))
	}
	for _, at := range []time.Duration{11 * time.Minute, 12*time.Minute + 58*time.Second, 13*time.Minute + 58*time.Second, 15 * time.Minute} {
		out = append(out, tick(t, at))
	}
	return out
}

// batching is an alert stream that counts, and whose batches may go wrong.
type batching struct {
	eventlog.Alerts
	alone, together int
	stored, lost    bool // what PublishAll does, and whether its answer is lost
}

func (b *batching) Publish(ctx context.Context, e eventlog.Entry) error {
	b.alone++
	return b.Alerts.Publish(ctx, e)
}

var errNoAnswer = errors.New("no answer")

func (b *batching) PublishAll(ctx context.Context, es []eventlog.Entry) error {
	b.together += len(es)
	if b.stored {
		if err := b.Alerts.PublishAll(ctx, es); err != nil {
			return err
		}
	}
	if b.lost {
		return errNoAnswer
	}
	return nil
}

// TestPublishedTogether: whatever becomes of batches, the alert stream is the same as
// when each is published alone.
func TestPublishedTogether(t *testing.T) {
	entries := crowd(t)
	told := func(b *batching, from int) string {
		t.Helper()
		w := newWorld()
		w.append(t, entries...)
		cfg := w.config()
		b.Alerts = w.alerts
		cfg.Alerts, cfg.PublishTogether = b, from
		if err := w.play(t, cfg); err != nil {
			t.Fatal(err)
		}
		return w.digest()
	}
	alone := &batching{}
	want := told(alone, 1001)
	if alone.together != 0 || alone.alone < 60 {
		t.Fatalf("%d alone and %d together", alone.alone, alone.together)
	}
	for _, c := range []struct {
		name  string
		b     *batching
		alone int
	}{
		{"stored", &batching{stored: true}, 0},
		{"stored, and the answer lost", &batching{stored: true, lost: true}, alone.alone},
		{"not stored, and the answer lost", &batching{lost: true}, alone.alone},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := told(c.b, 24); got != want {
				t.Error("the alert stream is another one")
			}
			if c.b.alone != c.alone || c.b.together != alone.alone {
				t.Errorf("%d alone and %d together", c.b.alone, c.b.together)
			}
		})
	}
}

// TestContradictionAmongMany: one alert among many was published before with other
// bytes by the same semantics. Those before it are told, none after it is.
func TestContradictionAmongMany(t *testing.T) {
	const at = 40
	w := newWorld()
	w.append(t, crowd(t)...)
	w.mustPlay(t)
	all := w.alerts.Published()
	other := newWorld()
	body := bytes.ReplaceAll(all[at].Body, []byte(`"status":"New"`), []byte(`"status":"Old"`))
	if err := other.alerts.Publish(t.Context(), eventlog.Entry{Subject: all[at].Subject, Body: body}); err != nil {
		t.Fatal(err)
	}
	other.append(t, crowd(t)...)
	var different *eventlog.DifferentError
	if err := other.play(t, other.config()); !errors.As(err, &different) {
		t.Fatalf("the engine ends with %v", err)
	}
	got := other.alerts.Published()
	if len(got) != at+1 {
		t.Fatalf("%d are told, and the contradiction was at %d", len(got), at)
	}
	for i, m := range got[1:] {
		if m.Subject != all[i].Subject || !bytes.Equal(m.Body, all[i].Body) {
			t.Errorf("%d is %s", i, m.Subject)
		}
	}
}

// TestKilledAroundABatch: a process that dies before or after a batch is published
// leaves it for the next one, which tells each alert once.
func TestKilledAroundABatch(t *testing.T) {
	entries := crowd(t)
	whole := newWorld()
	whole.append(t, entries...)
	whole.mustPlay(t)
	for _, point := range []string{engine.PointBeforePublish, engine.PointAfterPublish} {
		t.Run(point, func(t *testing.T) {
			w := newWorld()
			w.append(t, entries...)
			cfg := w.config()
			died := false
			cfg.Fail = func(p string) error {
				if p == point && !died {
					died = true
					return errCrash
				}
				return nil
			}
			if err := w.play(t, cfg); !errors.Is(err, errCrash) {
				t.Fatalf("the engine ends with %v", err)
			}
			if n, want := len(w.alerts.Published()), map[string]int{engine.PointBeforePublish: 0, engine.PointAfterPublish: 60}[point]; n < want || want == 0 && n != 0 {
				t.Errorf("%d are published when it dies", n)
			}
			w.mustPlay(t)
			if w.digest() != whole.digest() {
				t.Error("the alert stream is another one")
			}
		})
	}
}
