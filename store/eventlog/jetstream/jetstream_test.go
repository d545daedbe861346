package jetstream_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
	"github.com/overstay/overstay/store/eventlog/logtest"
)

const patience = 30 * time.Second

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// embed starts a server in a folder of its own, unless o names one.
func embed(t testing.TB, o jetstream.Options) *jetstream.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.MaxStore == 0 {
		o.MaxStore = 1 << 30
	}
	s, err := jetstream.Embed(within(t), o)
	must(t, err)
	t.Cleanup(s.Shutdown)
	return s
}

func conn(t testing.TB, s *jetstream.Server) *nats.Conn {
	t.Helper()
	nc, err := s.Conn(within(t))
	must(t, err)
	t.Cleanup(nc.Close)
	return nc
}

func open(t testing.TB, nc *nats.Conn, o jetstream.StreamOptions) *jetstream.Streams {
	t.Helper()
	o.MaxStore = 1 << 30
	s, err := jetstream.Open(within(t), nc, o)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// fresh is a server with its streams.
func fresh(t testing.TB, o jetstream.StreamOptions) (*jetstream.Server, *nats.Conn, *jetstream.Streams) {
	t.Helper()
	s := embed(t, jetstream.Options{})
	nc := conn(t, s)
	return s, nc, open(t, nc, o)
}

func TestPromises(t *testing.T) {
	logtest.Run(t, func(t *testing.T, limit int64) logtest.Streams {
		_, _, s := fresh(t, jetstream.StreamOptions{Events: jetstream.Limits{MaxBytes: limit}})
		return logtest.Streams{Log: s.Events(), Alerts: s.Alerts(), Tail: s.AlertsReader(), Quarantine: s.Quarantine()}
	})
}

func event(id, body string) eventlog.Entry {
	return eventlog.Entry{Subject: "overstay.events.test", MsgID: id, Body: []byte(body)}
}
