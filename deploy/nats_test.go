package deploy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// What the comments of the configurations promise is what the server reads.
func TestConfigurationsAreHardened(t *testing.T) {
	dir, _ := place(t)
	for _, name := range []string{"nats.conf", "nats-cluster/nats-1.conf", "nats-cluster/nats-2.conf", "nats-cluster/nats-3.conf"} {
		t.Run(name, func(t *testing.T) {
			o := parse(t, filepath.Join(dir, name))
			for what, ok := range map[string]bool{
				"every write is synced":       o.SyncAlways,
				"monitoring is on loopback":   o.HTTPHost == "127.0.0.1" && o.HTTPPort == 8222 && o.HTTPSPort == 0,
				"no websocket":                o.Websocket.Port == 0,
				"no MQTT":                     o.MQTT.Port == 0,
				"no leaf nodes":               o.LeafNode.Port == 0 && len(o.LeafNode.Remotes) == 0,
				"no gateway":                  o.Gateway.Name == "" && o.Gateway.Port == 0,
				"nobody without a user":       o.NoAuthUser == "",
				"TLS for clients":             o.TLSConfig != nil && o.TLSConfig.MinVersion == tls.VersionTLS12,
				"an event fits, no more":      o.MaxPayload == 512<<10,
				"connections are limited":     o.MaxConn == 256,
				"the store is limited":        o.JetStreamMaxStore == 20e9 || o.JetStreamMaxStore == 20<<30,
				"passwords are hashes":        len(o.Users) == 2 && bcrypted(o.Users[0].Password) && bcrypted(o.Users[1].Password),
				"each user has an allow list": allowed(o.Users),
			} {
				if !ok {
					t.Errorf("not so: %s", what)
				}
			}
			if name == "nats.conf" {
				return
			}
			if c := o.Cluster.TLSConfig; c == nil || c.ClientAuth != tls.RequireAndVerifyClientCert || c.MinVersion != tls.VersionTLS13 {
				t.Error("routes do not verify each other")
			}
			if len(o.Routes) != 3 || o.Cluster.Name != "overstay" {
				t.Errorf("routes %v of cluster %q", o.Routes, o.Cluster.Name)
			}
		})
	}
}

func bcrypted(password string) bool { return len(password) == 60 && password[:4] == "$2a$" }

func allowed(users []*server.User) bool {
	for _, u := range users {
		p := u.Permissions
		if p == nil || p.Publish == nil || p.Subscribe == nil || len(p.Publish.Allow) == 0 || len(p.Subscribe.Allow) == 0 {
			return false
		}
	}
	return true
}

// The correlator's own streams on the server as configured, a SIEM that reads
// what was raised, and everything that a SIEM must not be able to do.
func TestSingleServer(t *testing.T) {
	dir, trust := place(t)
	s := start(t, parse(t, filepath.Join(dir, "nats.conf")))
	ready(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	engine := connect(t, ctx, s.ClientURL(), "overstay", enginePassword, trusting(trust))
	streams := open(t, ctx, engine, 1)
	useStreams(t, ctx, streams)
	siem := connect(t, ctx, s.ClientURL(), "siem", siemPassword, trusting(trust))
	siemReads(t, ctx, siem, streams)
	for _, subject := range []string{
		"overstay.alerts.high.OV-001.forged.1", "overstay.events.lease.issued.x", "overstay.clock.tick",
		"overstay.quarantine.x", "overstay.status.coverage",
		"$JS.API.CONSUMER.CREATE.OVERSTAY_ALERTS", "$JS.API.CONSUMER.CREATE.OVERSTAY_ALERTS.evil",
		"$JS.API.STREAM.MSG.GET.OVERSTAY_EVENTS", "$JS.API.STREAM.DELETE.OVERSTAY_ALERTS", "$JS.API.STREAM.NAMES",
		"$JS.API.CONSUMER.MSG.NEXT.OVERSTAY_ALERTS.other", "$SYS.REQ.SERVER.PING",
	} {
		refusedPublish(t, siem, subject)
	}
	refusedSubscribe(t, siem, "overstay.events.>")
	refusedSubscribe(t, siem, ">")
	for _, subject := range []string{
		"$JS.API.STREAM.DELETE.OVERSTAY_EVENTS", "$JS.API.STREAM.PURGE.OVERSTAY_EVENTS",
		"$JS.API.STREAM.MSG.DELETE.OVERSTAY_ALERTS", "$JS.API.STREAM.SNAPSHOT.OVERSTAY_EVENTS", "$SYS.REQ.SERVER.PING",
	} {
		refusedPublish(t, engine, subject)
	}
	refusedConnections(t, s, trusting(trust))
}

// A SIEM may name any reply subject. It gets there in its own account, and the
// log hears nothing of it.
func TestReplySubjectDoesNotInject(t *testing.T) {
	dir, trust := place(t)
	s := start(t, parse(t, filepath.Join(dir, "nats.conf")))
	ready(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	engine := connect(t, ctx, s.ClientURL(), "overstay", enginePassword, trusting(trust))
	open(t, ctx, engine, 1)
	siem := connect(t, ctx, s.ClientURL(), "siem", siemPassword, trusting(trust))
	for _, reply := range []string{"overstay.events.lease.issued.forged", "overstay.alerts.high.OV-001.forged.1"} {
		if err := siem.PublishRequest("$JS.API.STREAM.INFO.OVERSTAY_ALERTS", reply, nil); err != nil {
			t.Fatal(err)
		}
	}
	// The answer to a request made after them comes after theirs.
	if _, err := siem.RequestWithContext(ctx, "$JS.API.STREAM.INFO.OVERSTAY_ALERTS", nil); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{jetstream.EventsStream, jetstream.AlertsStream} {
		if n := messages(t, ctx, engine, stream); n != 0 {
			t.Errorf("%d messages were injected into %s", n, stream)
		}
	}
}

func messages(t *testing.T, ctx context.Context, nc *nats.Conn, stream string) uint64 {
	t.Helper()
	js, err := natsjs.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(ctx, stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.LastSeq
}

// Three nodes form a cluster over verified routes and keep three replicas.
func TestCluster(t *testing.T) {
	dir, trust := place(t)
	ports := freePorts(t, 3)
	var servers []*server.Server
	for i := range ports {
		o := parse(t, filepath.Join(dir, fmt.Sprintf("nats-cluster/nats-%d.conf", i+1)))
		o.StoreDir = filepath.Join(dir, "store", o.ServerName)
		o.Cluster.Host, o.Cluster.Port, o.Routes = "127.0.0.1", ports[i], nil
		for _, p := range ports {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats-route", Host: fmt.Sprintf("127.0.0.1:%d", p)})
		}
		servers = append(servers, start(t, o))
	}
	for _, s := range servers {
		ready(t, s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	await(t, ctx, "a leader is elected", func() bool {
		return servers[0].JetStreamIsLeader() || servers[1].JetStreamIsLeader() || servers[2].JetStreamIsLeader()
	})
	await(t, ctx, "all three are known to it", func() bool {
		for _, s := range servers {
			if s.JetStreamIsLeader() {
				return len(s.JetStreamClusterPeers()) == 3
			}
		}
		return false
	})
	streams := open(t, ctx, connect(t, ctx, servers[0].ClientURL(), "overstay", enginePassword, trusting(trust)), 3)
	useStreams(t, ctx, streams)
	siemReads(t, ctx, connect(t, ctx, servers[2].ClientURL(), "siem", siemPassword, trusting(trust)), streams)
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func await(t *testing.T, ctx context.Context, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("never came about: %s", what)
		case <-tick.C:
		}
	}
}

func ready(t *testing.T, s *server.Server) {
	t.Helper()
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server does not start")
	}
}

func connect(t *testing.T, ctx context.Context, to, user, password string, c *tls.Config) *nats.Conn {
	t.Helper()
	nc, err := jetstream.Connect(ctx, to, jetstream.ConnectOptions{
		Credentials: &jetstream.Credentials{User: user, Password: password}, TLS: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func open(t *testing.T, ctx context.Context, nc *nats.Conn, replicas int) *jetstream.Streams {
	t.Helper()
	streams, err := jetstream.Open(ctx, nc, jetstream.StreamOptions{
		Replicas: replicas, MaxStore: 64 << 20, Durables: []string{"siem"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { streams.Close() })
	return streams
}

// useStreams does once everything that a running correlator does.
func useStreams(t *testing.T, ctx context.Context, s *jetstream.Streams) {
	t.Helper()
	entry := func(subject, body string) eventlog.Entry { return eventlog.Entry{Subject: subject, Body: []byte(body)} }
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	log := s.Events()
	must("append", log.Append(ctx, []eventlog.Entry{
		entry("overstay.events.lease.issued.a", "1"), entry("overstay.events.lease.issued.a", "2")}))
	at, err := log.AppendGuarded(ctx, entry("overstay.clock.tick", "3"), 0)
	must("append a tick", err)
	_, err = log.At(ctx, at)
	must("read a tick back", err)
	reader, err := log.Read(ctx, 1)
	must("open a reader", err)
	defer reader.Close()
	for want := uint64(1); want <= 3; want++ {
		m, err := reader.Next(ctx)
		if err != nil || m.Position != want {
			t.Fatalf("read %d: position %d, %v", want, m.Position, err)
		}
	}
	_, err = log.LastOn(ctx, "overstay.clock.tick")
	must("find the last tick", err)
	must("publish an alert", s.Alerts().Publish(ctx, entry("overstay.alerts.high.OV-001.x.1", "alert")))
	must("quarantine", s.Quarantine().Put(ctx, entry("overstay.quarantine.bad-json", "?")))
}

// siemReads reads the alert in each of the ways that docs/deploy.md names, and a
// later one as it comes.
func siemReads(t *testing.T, ctx context.Context, nc *nats.Conn, s *jetstream.Streams) {
	t.Helper()
	sub, err := nc.SubscribeSync("overstay.alerts.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.FlushWithContext(ctx); err != nil {
		t.Fatal(err)
	}
	stored, err := nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET.OVERSTAY_ALERTS.overstay.alerts.high.OV-001.x.1", nil)
	if err != nil || string(stored.Data) != "alert" {
		t.Errorf("direct get: %v", err)
	}
	fetched, err := nc.RequestWithContext(ctx, "$JS.API.CONSUMER.MSG.NEXT.OVERSTAY_ALERTS.siem", []byte(`{"batch":1}`))
	if err != nil || string(fetched.Data) != "alert" {
		t.Fatalf("fetch from the durable: %v", err)
	}
	if err := fetched.AckSync(nats.Context(ctx)); err != nil {
		t.Errorf("acknowledge: %v", err)
	}
	// The subscription may not have crossed a cluster yet: publish until it hears.
	for i := 1; ; i++ {
		if err := s.Alerts().Publish(ctx, eventlog.Entry{Subject: fmt.Sprintf("overstay.alerts.low.OV-003.y.%d", i), Body: []byte("live")}); err != nil {
			t.Fatal(err)
		}
		m, err := sub.NextMsg(100 * time.Millisecond)
		if err == nil {
			if string(m.Data) != "live" {
				t.Errorf("heard %q", m.Data)
			}
			return
		}
		if !errors.Is(err, nats.ErrTimeout) || ctx.Err() != nil {
			t.Fatalf("subscribe: %v", err)
		}
	}
}

// refusedPublish requires the server's own word that a publish was a violation.
func refusedPublish(t *testing.T, nc *nats.Conn, subject string) {
	t.Helper()
	violation(t, nc, subject, func() error { return nc.Publish(subject, []byte("{}")) })
}

func refusedSubscribe(t *testing.T, nc *nats.Conn, subject string) {
	t.Helper()
	violation(t, nc, subject, func() error {
		_, err := nc.SubscribeSync(subject)
		return err
	})
}

func violation(t *testing.T, nc *nats.Conn, subject string, try func() error) {
	t.Helper()
	said := make(chan error, 8)
	nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { said <- err })
	if err := try(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-said:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v", subject, err)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("%s is allowed", subject)
	}
}

// refusedConnections tries to get in otherwise.
func refusedConnections(t *testing.T, s *server.Server, c *tls.Config) {
	t.Helper()
	for name, options := range map[string][]nats.Option{
		"nobody":           {nats.Secure(c)},
		"wrong password":   {nats.Secure(c), nats.UserInfo("siem", "wrong")},
		"unknown user":     {nats.Secure(c), nats.UserInfo("root", siemPassword)},
		"hash as password": {nats.Secure(c), nats.UserInfo("siem", "$2a$04$"+"x")},
		"untrusted server": {nats.UserInfo("siem", siemPassword)},
	} {
		if nc, err := nats.Connect(s.ClientURL(), options...); err == nil {
			nc.Close()
			t.Errorf("%s gets in", name)
		}
	}
}
