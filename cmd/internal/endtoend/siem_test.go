package endtoend

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// siemHasRead is how much of what was published before the damage a SIEM has
// taken; the rest waits for it.
const siemHasRead = 60

// siem is its consumer, and siemToken how it shows who it is.
const (
	siem      = "siem"
	siemToken = "token-of-the-siem-in-the-test"
)

// With streams of this size JetStream makes blocks of 4 MiB. What is told fills
// more than one, so that damage also comes to those that are no longer written to.
const (
	smallEvents = 16 << 20
	smallAlerts = 24 << 20
)

// subscribe connects as whoever reads alerts does.
func (p *program) subscribe(t *testing.T) *nats.Conn {
	t.Helper()
	s, err := p.status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := nats.Connect(s.NATS, nats.Token(siemToken))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// published reads the alert stream from its oldest message.
func (p *program) published(t *testing.T) []eventlog.Message {
	t.Helper()
	r, err := jetstream.OpenReader(t.Context(), p.subscribe(t), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	tail, err := r.Tail(t.Context(), eventlog.TailOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer tail.Close()
	var out []eventlog.Message
	for {
		m, err := tail.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("read the alerts after %d: %v\n%s", len(out), err, p.said())
		}
		out = append(out, m)
	}
}

// fetch takes messages through the SIEM's consumer, acknowledges them, and gives
// their subjects: as many as that, or with 0 all there are.
func (p *program) fetch(t *testing.T, most int) map[string]bool {
	t.Helper()
	js, err := natsjs.NewWithAPIPrefix(p.subscribe(t), jetstream.SubscriberAPI)
	if err != nil {
		t.Fatal(err)
	}
	c, err := js.Consumer(t.Context(), jetstream.AlertsStream, siem)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for most == 0 || len(out) < most {
		n := 500
		if most > 0 {
			n = most - len(out)
		}
		batch, err := c.Fetch(n, natsjs.FetchMaxWait(500*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		before := len(out)
		for m := range batch.Messages() {
			if err := m.DoubleAck(t.Context()); err != nil {
				t.Fatal(err)
			}
			out[m.Subject()] = true
		}
		if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
			t.Fatal(err)
		}
		if len(out) == before {
			break
		}
	}
	return out
}
