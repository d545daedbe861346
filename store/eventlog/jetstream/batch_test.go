package jetstream_test

import (
	"errors"
	"fmt"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// Message ids count within atomic batches too (nats-server 2.12.1 and later): what
// was stored in one batch is a duplicate in the next, and alone.
func TestMessageIDsOfABatch(t *testing.T) {
	t.Parallel()
	_, nc, s := fresh(t, jetstream.StreamOptions{})
	var es []eventlog.Entry
	for i := range 100 {
		es = append(es, event(fmt.Sprint("id", i), fmt.Sprint(i)))
	}
	must(t, s.Events().Append(within(t), es))
	js, err := natsjs.New(nc)
	must(t, err)
	stream, err := js.Stream(within(t), jetstream.EventsStream)
	must(t, err)
	raw, err := stream.GetMsg(within(t), 57)
	must(t, err)
	if raw.Header.Get("Nats-Batch-Sequence") != "57" || raw.Header.Get("Nats-Msg-Id") != "id56" {
		t.Fatalf("57 was not stored in a batch: %v", raw.Header)
	}
	must(t, s.Events().Append(within(t), es))
	must(t, s.Events().Append(within(t), es[40:41]))
	wantPositions(t, s, 100)
}

// A batch that runs into the stream's own limit: what fits is stored, and the
// caller is told that not all of it was.
func TestABatchAtTheHardLimit(t *testing.T) {
	t.Parallel()
	_, _, s := fresh(t, jetstream.StreamOptions{Events: jetstream.Limits{MaxBytes: 64 << 10}})
	var ticks []eventlog.Entry
	for i := range 100 {
		ticks = append(ticks, eventlog.Entry{Subject: "overstay.clock.tick", Body: fmt.Appendf(make([]byte, 1024), "%d", i)})
	}
	if err := s.Events().Append(within(t), ticks); !errors.Is(err, eventlog.ErrFull) {
		t.Fatalf("100 KiB into 64: %v, want ErrFull", err)
	}
	st, err := s.Events().State(within(t))
	must(t, err)
	for position := range st.Last {
		m, err := s.Events().At(within(t), position+1)
		must(t, err)
		if string(m.Body[1024:]) != fmt.Sprint(position) {
			t.Errorf("at %d is tick %s", position+1, m.Body[1024:])
		}
	}
	if st.Last < 30 || st.Bytes > st.Limit {
		t.Errorf("%d ticks were stored in %d of %d bytes", st.Last, st.Bytes, st.Limit)
	}
}

// An alert stream that somebody made without atomic batches is used as it is.
func TestAlertStreamWithoutBatches(t *testing.T) {
	t.Parallel()
	_, nc, _ := fresh(t, jetstream.StreamOptions{})
	js, err := natsjs.New(nc)
	must(t, err)
	stream, err := js.Stream(within(t), jetstream.AlertsStream)
	must(t, err)
	c := stream.CachedInfo().Config
	if !c.AllowAtomicPublish {
		t.Error("a new one takes no batches")
	}
	c.AllowAtomicPublish = false
	_, err = js.UpdateStream(within(t), c)
	must(t, err)
	s := open(t, nc, jetstream.StreamOptions{})
	var es []eventlog.Entry
	for i := range 30 {
		es = append(es, eventlog.Entry{Subject: fmt.Sprintf("overstay.alerts.high.OV-001.a%d.1", i), Body: []byte("{}")})
	}
	if err := s.Alerts().PublishAll(within(t), es); err == nil {
		t.Error("it took a batch")
	}
	for _, e := range es {
		must(t, s.Alerts().Publish(within(t), e))
	}
	st, err := s.AlertsState(within(t))
	must(t, err)
	if st.Last != 30 {
		t.Errorf("it holds %d", st.Last)
	}
	stream, err = js.Stream(within(t), jetstream.AlertsStream)
	must(t, err)
	if stream.CachedInfo().Config.AllowAtomicPublish {
		t.Error("its settings were changed")
	}
}
