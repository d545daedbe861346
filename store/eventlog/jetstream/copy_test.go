package jetstream

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

func embedded(t *testing.T, dir string) (*Server, *Streams) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := Embed(ctx, Options{Dir: dir, MaxStore: 1 << 30, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s, opened(t, s)
}

func opened(t *testing.T, s *Server) *Streams {
	t.Helper()
	nc, err := s.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	streams, err := Open(t.Context(), nc, StreamOptions{MaxStore: s.MaxStore(), Durables: []string{"siem"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = streams.Close() }) // never fails
	return streams
}

// TestACopyOfAStream has every message with its position and time, and the durable.
// It is another incarnation: the server gives it a creation time of its own.
func TestACopyOfAStream(t *testing.T) {
	s, streams := embedded(t, t.TempDir())
	var entries []eventlog.Entry
	for i := range 3000 {
		entries = append(entries, eventlog.Entry{Subject: "overstay.events.lease.issued.x", Body: bytes.Repeat([]byte{byte(i)}, 500), Header: map[string][]string{"A": {"b"}}})
	}
	if err := streams.Events().Append(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	if err := streams.Alerts().Publish(t.Context(), eventlog.Entry{Subject: "overstay.alerts.high.OV-001.a.1", Body: []byte("alert")}); err != nil {
		t.Fatal(err)
	}
	other, err := Embed(t.Context(), Options{Dir: t.TempDir(), MaxStore: 1 << 30, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Shutdown)
	for _, name := range []string{EventsStream, AlertsStream, QuarantineStream} {
		var b bytes.Buffer
		c, err := s.CopyStream(t.Context(), name, &b)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d to %d in %d bytes", name, c.First, c.Last, b.Len())
		if err := other.RestoreStream(c, &b); err != nil {
			t.Fatal(err)
		}
		if err := other.RestoreStream(c, &b); err == nil {
			t.Errorf("%s is restored over itself", name)
		}
	}
	restored := opened(t, other)
	want, err := streams.Events().State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := restored.Events().State(t.Context()); err != nil || got.ID == want.ID || got.First != want.First || got.Last != want.Last {
		t.Errorf("it is %+v, not %+v, %v", got, want, err)
	}
	for _, at := range []uint64{1, 1500, 3000} {
		a, err1 := streams.Events().At(t.Context(), at)
		b, err2 := restored.Events().At(t.Context(), at)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("the message at %d is %+v, not %+v, %v, %v", at, b, a, err1, err2)
		}
	}
	var different *eventlog.DifferentError
	err = restored.Alerts().Publish(t.Context(), eventlog.Entry{Subject: "overstay.alerts.high.OV-001.a.1", Body: []byte("another")})
	if !errors.As(err, &different) {
		t.Errorf("the alert is not remembered: %v", err)
	}
	if _, err := restored.tail.stream.Consumer(t.Context(), "siem"); err != nil {
		t.Errorf("the durable is gone: %v", err)
	}
}

func TestACopyOfWhatIsNotThere(t *testing.T) {
	s, _ := embedded(t, t.TempDir())
	if _, err := s.CopyStream(t.Context(), "ORDERS", &bytes.Buffer{}); err == nil {
		t.Error("there is one")
	}
}
