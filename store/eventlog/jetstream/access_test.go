package jetstream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// stranger is a client with credentials of its own, or none. Refused operations
// arrive at denied.
func stranger(t *testing.T, s *jetstream.Server, opts ...nats.Option) (nc *nats.Conn, denied chan error) {
	t.Helper()
	denied = make(chan error, 64)
	opts = append(opts, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
	nc, err := nats.Connect(s.ClientURL(), opts...)
	must(t, err)
	t.Cleanup(nc.Close)
	return nc, denied
}

func wantDenied(t *testing.T, denied chan error, what string) {
	t.Helper()
	select {
	case err := <-denied:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v, want a permissions violation", what, err)
		}
	case <-time.After(patience):
		t.Errorf("%s was not denied", what)
	}
}

func wantPositions(t *testing.T, s *jetstream.Streams, events uint64) {
	t.Helper()
	st, err := s.Events().State(within(t))
	must(t, err)
	if st.Last != events {
		t.Errorf("the log has %d messages, want %d", st.Last, events)
	}
}

func alert(id string) eventlog.Entry {
	return eventlog.Entry{Subject: "overstay.alerts.high.OV-001." + id + ".1", Body: []byte("body of " + id)}
}

// Anybody on this machine may listen, and read what was published before.
func TestAnonymousReadsAlerts(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{Listen: "127.0.0.1:0"})
	own := open(t, conn(t, server), jetstream.StreamOptions{})
	must(t, own.Alerts().Publish(within(t), alert("a")))

	nc, _ := stranger(t, server)
	live, err := nc.SubscribeSync("overstay.alerts.>")
	must(t, err)
	must(t, nc.Flush())
	reader, err := jetstream.OpenReader(within(t), nc, nil)
	must(t, err)
	tail, err := reader.Tail(within(t), eventlog.TailOptions{Follow: true})
	must(t, err)
	defer func() { must(t, tail.Close()) }()

	must(t, own.Alerts().Publish(within(t), alert("b")))
	m, err := live.NextMsgWithContext(within(t))
	must(t, err)
	if string(m.Data) != "body of b" {
		t.Errorf("live: %q", m.Data)
	}
	for i, want := range []string{"body of a", "body of b"} {
		m, err := tail.Next(within(t))
		must(t, err)
		if string(m.Body) != want || m.Position != uint64(i+1) {
			t.Errorf("tail: %q at %d, want %q", m.Body, m.Position, want)
		}
	}
}

func TestAnonymousCannotWrite(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{Listen: "127.0.0.1:0"})
	own := open(t, conn(t, server), jetstream.StreamOptions{})
	nc, denied := stranger(t, server)
	for _, subject := range []string{
		"overstay.events.test", "overstay.clock.tick", "overstay.policy.applied",
		"overstay.operator.noted", "overstay.system.observed",
		"overstay.alerts.high.OV-001.x.1", "overstay.sealed.x", "overstay.status.coverage", "overstay.quarantine.x",
		"$JS.API.STREAM.DELETE.OVERSTAY_EVENTS", "$JS.API.STREAM.PURGE.OVERSTAY_ALERTS",
		"$JS.API.STREAM.CREATE.MINE", "$JS.API.STREAM.INFO.OVERSTAY_EVENTS",
		"$JS.API.CONSUMER.CREATE.OVERSTAY_ALERTS", "$JS.API.CONSUMER.CREATE.OVERSTAY_ALERTS.mine",
		"$JS.API.CONSUMER.DURABLE.CREATE.OVERSTAY_ALERTS.mine", "$JS.API.CONSUMER.MSG.NEXT.OVERSTAY_ALERTS.mine",
		"$JS.ACK.OVERSTAY_ALERTS.mine.1.1.1.1.1", "$SYS.REQ.SERVER.PING", "_INBOX.somebody", "_R_.x",
	} {
		must(t, nc.Publish(subject, nil))
		wantDenied(t, denied, "publish on "+subject)
	}
	for _, subject := range []string{">", "overstay.>", "overstay.events.>", "overstay.quarantine.>", "$JS.>", "_R_.>", "$SYS.>"} {
		_, err := nc.SubscribeSync(subject)
		must(t, err)
		wantDenied(t, denied, "subscribe to "+subject)
	}
	wantPositions(t, own, 0)
}

// The server checks where a client publishes, not the reply subject that it names:
// with permissions alone each answer would become a message in our streams.
func TestAReplySubjectDoesNotInject(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{Listen: "127.0.0.1:0"})
	own := open(t, conn(t, server), jetstream.StreamOptions{})
	must(t, own.Alerts().Publish(within(t), alert("a")))
	nc, _ := stranger(t, server)
	for _, reply := range []string{
		"overstay.events.injected", "overstay.clock.tick", "overstay.alerts.high.OV-001.injected.1",
		"overstay.quarantine.injected", "$JS.API.STREAM.DELETE.OVERSTAY_EVENTS",
	} {
		for _, subject := range []string{"STREAM.INFO.OVERSTAY_ALERTS", "STREAM.MSG.GET.OVERSTAY_ALERTS", "DIRECT.GET.OVERSTAY_ALERTS"} {
			for _, body := range []string{`{"seq":1}`, `{"seq":1,"next_by_subj":">","batch":10}`, ""} {
				must(t, nc.PublishRequest(jetstream.SubscriberAPI+"."+subject, reply, []byte(body)))
			}
		}
		must(t, nc.PublishRequest(jetstream.SubscriberAPI+".DIRECT.GET.OVERSTAY_ALERTS."+alert("a").Subject, reply, nil))
	}
	// An answered request of the same connection means that those before were handled.
	_, err := jetstream.OpenReader(within(t), nc, nil)
	must(t, err)
	must(t, own.Events().Append(within(t), []eventlog.Entry{event("1", "ours")}))
	wantPositions(t, own, 1)
	all, err := own.AlertsReader().Tail(within(t), eventlog.TailOptions{Follow: true})
	must(t, err)
	defer func() { must(t, all.Close()) }()
	must(t, own.Alerts().Publish(within(t), alert("b")))
	for _, want := range []string{"body of a", "body of b"} {
		m, err := all.Next(within(t))
		must(t, err)
		if string(m.Body) != want {
			t.Errorf("the alert stream has %q, want %q", m.Body, want)
		}
	}
}

// The control to the test above: in the account of the streams the same request
// does inject. It tells when the server closes the trap.
func TestAReplySubjectInjectsInOurOwnAccount(t *testing.T) {
	t.Parallel()
	_, nc, own := fresh(t, jetstream.StreamOptions{})
	must(t, nc.PublishRequest("$JS.API.STREAM.INFO.OVERSTAY_ALERTS", "overstay.events.injected", nil))
	r, err := own.Events().Read(within(t), 1)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	m, err := r.Next(within(t))
	must(t, err)
	if m.Subject != "overstay.events.injected" || !strings.Contains(string(m.Body), "stream_info_response") {
		t.Errorf("injected %q on %s", m.Body, m.Subject)
	}
}

// A client that uses up a message id in advance would make the real event look
// like a copy, and be dropped: a missed alert by design.
func TestAMessageIDCannotBePoisoned(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{Listen: "127.0.0.1:0"})
	own := open(t, conn(t, server), jetstream.StreamOptions{})
	nc, denied := stranger(t, server)
	for _, subject := range []string{"overstay.events.evil", "overstay.alerts.high.OV-001.evil.1"} {
		m := nats.NewMsg(subject)
		m.Header.Set(nats.MsgIdHdr, "victim")
		must(t, nc.PublishMsg(m))
		wantDenied(t, denied, "publish on "+subject)
	}
	must(t, own.Events().Append(within(t), []eventlog.Entry{event("victim", "real")}))
	wantPositions(t, own, 1)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{
		Listen:     "127.0.0.1:0",
		Operator:   &jetstream.Credentials{Token: "operator-token"},
		Subscriber: &jetstream.Credentials{User: "siem", Password: "siem-password"},
		Durables:   []string{"siem"},
	})
	own := open(t, conn(t, server), jetstream.StreamOptions{Durables: []string{"siem"}})

	for name, opts := range map[string][]nats.Option{
		"nobody":         nil,
		"wrong password": {nats.UserInfo("siem", "operator-token")},
		"wrong token":    {nats.Token("siem-password")},
		"own user":       {nats.UserInfo("overstay", "")},
	} {
		if nc, err := nats.Connect(server.ClientURL(), opts...); err == nil {
			nc.Close()
			t.Errorf("%s was let in", name)
		}
	}

	operator, err := jetstream.Connect(within(t), server.ClientURL(),
		jetstream.ConnectOptions{Credentials: &jetstream.Credentials{Token: "operator-token"}})
	must(t, err)
	t.Cleanup(operator.Close)
	remote := open(t, operator, jetstream.StreamOptions{})
	must(t, remote.Events().Append(within(t), []eventlog.Entry{event("1", "a"), event("2", "b")}))
	must(t, own.Alerts().Publish(within(t), alert("a")))

	siem, denied := stranger(t, server, nats.UserInfo("siem", "siem-password"))
	must(t, siem.Publish("overstay.events.test", nil))
	wantDenied(t, denied, "publish by the subscriber")
	js, err := natsjs.NewWithAPIPrefix(siem, jetstream.SubscriberAPI)
	must(t, err)
	c, err := js.Consumer(within(t), jetstream.AlertsStream, "siem")
	must(t, err)
	m, err := c.Next()
	must(t, err)
	must(t, m.DoubleAck(within(t)))
	if string(m.Data()) != "body of a" {
		t.Errorf("fetched %q", m.Data())
	}
	info, err := c.Info(within(t))
	must(t, err)
	if info.AckFloor.Stream != 1 || info.NumAckPending != 0 {
		t.Errorf("after the acknowledgement: %+v", info.AckFloor)
	}
	wantPositions(t, own, 2)
}

func TestStrangersNeedCredentials(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{":4222", "0.0.0.0:0", "[::]:0", "192.0.2.1:4222", "example.test:4222"} {
		_, err := jetstream.Embed(within(t), jetstream.Options{Dir: t.TempDir(), Listen: listen})
		var address *jetstream.AddressError
		if !errors.As(err, &address) || address.Hint == "" {
			t.Errorf("%s: %v, want an *AddressError with a hint", listen, err)
		}
	}
	for name, o := range map[string]jetstream.Options{
		"no address":     {Listen: "127.0.0.1"},
		"no port":        {Listen: "127.0.0.1:nats"},
		"no password":    {Subscriber: &jetstream.Credentials{User: "siem"}},
		"both":           {Operator: &jetstream.Credentials{User: "a", Password: "b", Token: "c"}},
		"the same":       {Operator: &jetstream.Credentials{Token: "c"}, Subscriber: &jetstream.Credentials{Token: "c"}},
		"durable's name": {Durables: []string{"a.>"}},
	} {
		o.Dir, o.MaxStore = t.TempDir(), 1<<20
		if s, err := jetstream.Embed(within(t), o); err == nil {
			s.Shutdown()
			t.Errorf("%s: started", name)
		}
	}
	server := embed(t, jetstream.Options{Listen: "0.0.0.0:0", Operator: &jetstream.Credentials{Token: "t"}})
	if err := server.Health(); err != nil {
		t.Error(err)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	o := jetstream.Options{
		Operator:   &jetstream.Credentials{Token: "s3cret"},
		Subscriber: &jetstream.Credentials{User: "u", Password: "s3cret"},
	}
	shown := fmt.Sprintf("%v %+v %#v %v %+v", *o.Operator, *o.Operator, *o.Operator, o.Subscriber, *o.Subscriber)
	for _, url := range []string{"nats://u:s3cret@127.0.0.1:1", "nats://u:s3cret@127.0.0.1:1,nats://s3cret@127.0.0.1:2", "nats://u:s3cret@127.0.0.1:port", "u:s3cret@:%zz"} {
		_, err := jetstream.Connect(within(t), url, jetstream.ConnectOptions{Credentials: o.Subscriber})
		if err == nil {
			t.Fatalf("connected to %s", url)
		}
		shown += " " + err.Error()
	}
	if strings.Contains(shown, "s3cret") {
		t.Errorf("a secret shows in %s", shown)
	}
}
