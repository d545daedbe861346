package jetstream_test

import (
	"strconv"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// BenchmarkAppend shows what group commit brings: entries per second by the size
// of a call, and by many callers of one entry each. Syncing dominates, so compare
// ratios of one run.
func BenchmarkAppend(b *testing.B) {
	body := make([]byte, 400)
	entries := func(n int) []eventlog.Entry {
		es := make([]eventlog.Entry, n)
		for i := range es {
			es[i] = eventlog.Entry{Subject: "overstay.events.bench", Body: body}
		}
		return es
	}
	for _, size := range []int{1, 10, 100, 1000} {
		b.Run("entries="+strconv.Itoa(size), func(b *testing.B) {
			_, _, s := fresh(b, jetstream.StreamOptions{})
			es := entries(size)
			for b.Loop() {
				must(b, s.Events().Append(b.Context(), es))
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
	b.Run("callers=512", func(b *testing.B) {
		_, _, s := fresh(b, jetstream.StreamOptions{})
		b.SetParallelism(256)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if err := s.Events().Append(b.Context(), entries(1)); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

// BenchmarkRead is what the correlator's loop can reach at most, beside the client
// library with a handler that does nothing.
func BenchmarkRead(b *testing.B) {
	_, nc, s := fresh(b, jetstream.StreamOptions{})
	es := make([]eventlog.Entry, 1000)
	for i := range es {
		es[i] = eventlog.Entry{Subject: "overstay.events.bench", Body: make([]byte, 400), Header: map[string][]string{"Content-Type": {"application/json"}}}
	}
	const stored = 50_000
	for range stored / len(es) {
		must(b, s.Events().Append(b.Context(), es))
	}
	b.Run("empty handler", func(b *testing.B) { readRaw(b, nc, stored) })
	b.Run("log", func(b *testing.B) { readLog(b, s.Events(), stored) })
}

func readLog(b *testing.B, l eventlog.Log, stored int) {
	for range b.N {
		r, err := l.Read(b.Context(), 1)
		must(b, err)
		for range stored {
			if _, err := r.Next(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		must(b, r.Close())
	}
	b.ReportMetric(float64(stored*b.N)/b.Elapsed().Seconds(), "messages/s")
}

func readRaw(b *testing.B, nc *nats.Conn, stored int) {
	js, err := natsjs.New(nc)
	must(b, err)
	for range b.N {
		c, err := js.CreateConsumer(b.Context(), jetstream.EventsStream, natsjs.ConsumerConfig{
			AckPolicy: natsjs.AckNonePolicy, MemoryStorage: true,
		})
		must(b, err)
		all, n := make(chan struct{}), 0
		run, err := c.Consume(func(natsjs.Msg) {
			if n++; n == stored {
				close(all)
			}
		}, natsjs.PullMaxMessages(2000))
		must(b, err)
		<-all
		run.Stop()
	}
	b.ReportMetric(float64(stored*b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkPublish is how fast alerts of 4 KB get into the alert stream, one after
// the other and together; each with its guard, and durable.
func BenchmarkPublish(b *testing.B) {
	for _, size := range []int{1, 24, 100, 1000} {
		b.Run("alerts="+strconv.Itoa(size), func(b *testing.B) {
			_, _, s := fresh(b, jetstream.StreamOptions{})
			n := 0
			for b.Loop() {
				es := make([]eventlog.Entry, size)
				for i := range es {
					n++
					es[i] = eventlog.Entry{Subject: "overstay.alerts.high.OV-001." + strconv.Itoa(n) + ".1", Body: make([]byte, 4000)}
				}
				if size == 1 {
					must(b, s.Alerts().Publish(b.Context(), es[0]))
				} else {
					must(b, s.Alerts().PublishAll(b.Context(), es))
				}
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "alerts/s")
		})
	}
}
