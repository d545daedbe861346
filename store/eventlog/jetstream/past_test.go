package jetstream_test

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// A reviewer reads the log and the alerts, and can neither write to them, nor delete
// them, nor have another stream.
func TestAReviewerOnlyLooksBack(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{Listen: "127.0.0.1:0"})
	own := open(t, conn(t, server), jetstream.StreamOptions{})
	must(t, own.Events().Append(within(t), []eventlog.Entry{{Subject: "overstay.events.x", Body: []byte("one")}, {Subject: "overstay.clock.tick", Body: []byte("two")}}))
	must(t, own.Alerts().Publish(within(t), alert("a")))

	r := server.Reviewer()
	nc, denied := stranger(t, server, nats.UserInfo(r.User, r.Password))
	log, alerts, err := jetstream.OpenPast(within(t), nc, nil)
	must(t, err)
	reader, err := log.Read(within(t), 0)
	must(t, err)
	defer func() { must(t, reader.Close()) }()
	for i, want := range []string{"one", "two"} {
		m, err := reader.Next(within(t))
		must(t, err)
		if string(m.Body) != want || m.Position != uint64(i+1) {
			t.Errorf("position %d is %q", m.Position, m.Body)
		}
	}
	if m, err := log.At(within(t), 2); err != nil || string(m.Body) != "two" {
		t.Errorf("at 2: %q, %v", m.Body, err)
	}
	tail, err := alerts.Tail(within(t), eventlog.TailOptions{})
	must(t, err)
	defer func() { must(t, tail.Close()) }()
	if m, err := tail.Next(within(t)); err != nil || string(m.Body) != "body of a" {
		t.Errorf("the alert is %q, %v", m.Body, err)
	}

	if err := log.Append(within(t), []eventlog.Entry{{Subject: "overstay.events.x"}}); !errors.Is(err, jetstream.ErrPast) {
		t.Errorf("append: %v", err)
	}
	if _, err := log.AppendGuarded(within(t), eventlog.Entry{Subject: "overstay.clock.tick"}, 2); !errors.Is(err, jetstream.ErrPast) {
		t.Errorf("append guarded: %v", err)
	}
	for _, subject := range []string{
		"overstay.events.x", "overstay.clock.tick", "overstay.alerts.high.OV-001.b.1",
		"$JS.API.STREAM.CREATE.MINE", "$JS.API.STREAM.DELETE.OVERSTAY_EVENTS", "$JS.API.STREAM.UPDATE.OVERSTAY_EVENTS", "$JS.API.STREAM.PURGE.OVERSTAY_ALERTS",
	} {
		must(t, nc.Publish(subject, []byte("{}")))
		wantDenied(t, denied, subject)
	}
	wantPositions(t, own, 2)
}

// Nothing is made on a server that has no log.
func TestLookingBackMakesNothing(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.Options{})
	nc := conn(t, server)
	if _, _, err := jetstream.OpenPast(within(t), nc, nil); err == nil {
		t.Error("a log was opened that does not exist")
	}
	js, err := natsjs.New(nc)
	must(t, err)
	for name := range js.StreamNames(within(t)).Name() {
		t.Errorf("there is a stream %s", name)
	}
}
