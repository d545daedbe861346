package jetstream_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

func TestAnotherServerOnTheSameFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := embed(t, jetstream.Options{Dir: dir})
	nc := conn(t, first)
	s := open(t, nc, jetstream.StreamOptions{})
	must(t, s.Events().Append(within(t), []eventlog.Entry{event("1", "a"), event("2", "b")}))
	must(t, s.Alerts().Publish(within(t), alert("a")))
	before, err := s.Events().State(within(t))
	must(t, err)
	must(t, s.Close())
	nc.Close()
	first.Shutdown()
	if err := first.Health(); err == nil {
		t.Error("a server that is shut down is healthy")
	}

	s = open(t, conn(t, embed(t, jetstream.Options{Dir: dir})), jetstream.StreamOptions{})
	after, err := s.Events().State(within(t))
	must(t, err)
	if after != before {
		t.Errorf("before %+v, after %+v", before, after)
	}
	must(t, s.Events().Append(within(t), []eventlog.Entry{event("2", "b"), event("3", "c")}))
	must(t, s.Alerts().Publish(within(t), alert("a")))
	wantPositions(t, s, 3)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	server, _, _ := fresh(t, jetstream.StreamOptions{})
	must(t, server.Health())
	must(t, server.Restart(within(t)))
	must(t, server.Health())
	if url := server.ClientURL(); url != "" {
		t.Errorf("a server that does not listen is at %s", url)
	}
}

// The server's own answer to a taken port is to end the process.
func TestATakenPortIsAnError(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, l.Close()) }()
	_, err = jetstream.Embed(within(t), jetstream.Options{Dir: t.TempDir(), Listen: l.Addr().String(), MaxStore: 1 << 20})
	if !errors.Is(err, jetstream.ErrListen) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("listening on a taken port: %v", err)
	}
}

func TestTheDefaultSizeFitsTheStreams(t *testing.T) {
	t.Parallel()
	server, err := jetstream.Embed(within(t), jetstream.Options{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(server.Shutdown)
	if n := server.MaxStore(); n <= 0 || n > 10<<30 {
		t.Errorf("the default size is %d", n)
	}
	nc := conn(t, server)
	s, err := jetstream.Open(within(t), nc, jetstream.StreamOptions{MaxStore: server.MaxStore()})
	must(t, err)
	must(t, s.Close())
}

// What is in the log stays, whoever asks.
func TestNothingCanBeTakenOut(t *testing.T) {
	t.Parallel()
	_, nc, s := fresh(t, jetstream.StreamOptions{})
	must(t, s.Events().Append(within(t), []eventlog.Entry{event("1", "a"), event("2", "b")}))
	must(t, s.Alerts().Publish(within(t), alert("a")))
	js, err := natsjs.New(nc)
	must(t, err)
	for _, name := range []string{jetstream.EventsStream, jetstream.AlertsStream, jetstream.QuarantineStream} {
		stream, err := js.Stream(within(t), name)
		must(t, err)
		if err := stream.Purge(within(t)); err == nil {
			t.Errorf("%s was purged", name)
		}
		if err := stream.DeleteMsg(within(t), 1); err == nil {
			t.Errorf("a message of %s was deleted", name)
		}
		c := stream.CachedInfo().Config
		c.DenyDelete, c.DenyPurge = false, false
		if _, err := js.UpdateStream(within(t), c); err == nil {
			t.Errorf("%s may be purged now", name)
		}
	}
	for name, value := range map[string]string{"Nats-Rollup": "all", "Nats-TTL": "1s", "Nats-Schedule": "@at 2030-01-01T00:00:00Z"} {
		m := nats.NewMsg("overstay.events.test")
		m.Header.Set(name, value)
		if _, err := js.PublishMsg(within(t), m); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	wantPositions(t, s, 2)
}

func TestSettingsThatContradict(t *testing.T) {
	t.Parallel()
	nc := conn(t, embed(t, jetstream.Options{}))
	js, err := natsjs.New(nc)
	must(t, err)
	_, err = js.CreateStream(within(t), natsjs.StreamConfig{
		Name: jetstream.EventsStream, Subjects: []string{"overstay.events.>"},
		Retention: natsjs.WorkQueuePolicy, AllowMsgTTL: true, MaxMsgs: 5,
	})
	must(t, err)
	_, err = jetstream.Open(within(t), nc, jetstream.StreamOptions{MaxStore: 1 << 30})
	var settings *jetstream.SettingsError
	if !errors.As(err, &settings) {
		t.Fatalf("a stream with other settings: %v, want a *SettingsError", err)
	}
	for _, want := range []string{
		"subjects is overstay.events.>, needed overstay.clock.>", "retention is WorkQueue, needed Limits",
		"discard is DiscardOld, needed DiscardNew", "deny_delete is false, needed true", "deny_purge is false, needed true",
		"allow_msg_ttl is true, needed false", "allow_atomic is false, needed true", "max_msgs is 5, needed -1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

// Sizes and ages are the operator's: what was not asked for stays.
func TestLimitsOfAnExistingStream(t *testing.T) {
	t.Parallel()
	_, nc, _ := fresh(t, jetstream.StreamOptions{Events: jetstream.Limits{MaxBytes: 1 << 20, MaxAge: time.Hour}})
	limits := func() jetstream.Limits {
		js, err := natsjs.New(nc)
		must(t, err)
		s, err := js.Stream(within(t), jetstream.EventsStream)
		must(t, err)
		c := s.CachedInfo().Config
		return jetstream.Limits{MaxBytes: c.MaxBytes, MaxAge: c.MaxAge}
	}
	open(t, nc, jetstream.StreamOptions{})
	if got, want := limits(), (jetstream.Limits{MaxBytes: 1 << 20, MaxAge: time.Hour}); got != want {
		t.Errorf("limits are %+v, want %+v", got, want)
	}
	open(t, nc, jetstream.StreamOptions{Events: jetstream.Limits{MaxBytes: 2 << 20}})
	if got, want := limits(), (jetstream.Limits{MaxBytes: 2 << 20, MaxAge: time.Hour}); got != want {
		t.Errorf("limits are %+v, want %+v", got, want)
	}
}

// Alerts are kept at least as long as events, whoever made the streams.
func TestAlertsThatGoBeforeTheirEvents(t *testing.T) {
	t.Parallel()
	_, nc, _ := fresh(t, jetstream.StreamOptions{Events: jetstream.Limits{MaxAge: 2 * time.Hour}, Alerts: jetstream.Limits{MaxAge: 2 * time.Hour}})
	js, err := natsjs.New(nc)
	must(t, err)
	set := func(name string, age time.Duration) {
		t.Helper()
		s, err := js.Stream(within(t), name)
		must(t, err)
		c := s.CachedInfo().Config
		c.MaxAge = age
		_, err = js.UpdateStream(within(t), c)
		must(t, err)
	}
	refused := func(want string) {
		t.Helper()
		_, err := jetstream.Open(within(t), nc, jetstream.StreamOptions{})
		var settings *jetstream.SettingsError
		if !errors.As(err, &settings) || settings.Stream != jetstream.AlertsStream || !strings.Contains(err.Error(), want) {
			t.Errorf("opened with %v, want a *SettingsError with %q", err, want)
		}
	}
	set(jetstream.AlertsStream, time.Hour)
	refused("max_age is 1h0m0s, needed 2h0m0s or more, as of " + jetstream.EventsStream)
	set(jetstream.EventsStream, 0)
	refused("max_age is 1h0m0s, needed none")
	set(jetstream.AlertsStream, 0)
	open(t, nc, jetstream.StreamOptions{})
}

func TestReplicas(t *testing.T) {
	t.Parallel()
	nc := conn(t, embed(t, jetstream.Options{}))
	for _, n := range []int{-1, 2, 4, 7} {
		if _, err := jetstream.Open(within(t), nc, jetstream.StreamOptions{Replicas: n}); err == nil {
			t.Errorf("opened with %d replicas", n)
		}
	}
}
