package bench

import (
	"context"
	"testing"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// BenchmarkApply is what an event of the company's log costs without disk and server:
// decoded, merged, judged and committed to a store in memory.
func BenchmarkApply(b *testing.B) {
	const n = 20_000
	log := memory.New(memory.Options{})
	f := &feed{ctx: b.Context(), log: log}
	if _, err := work(1, n, f.put); err != nil {
		b.Fatal(err)
	}
	if err := f.flush(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		out, err := review.Replay(context.Background(), review.Options{Log: log, Compile: compile})
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("%d told, sha256 %x", out.Told, out.Sum)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n*b.N), "µs/event")
}

// BenchmarkDecode is the part of that which reads a message.
func BenchmarkDecode(b *testing.B) {
	const n = 20_000
	entries := make([]eventlog.Entry, 0, n)
	if _, err := work(1, n, func(e eventlog.Entry) error {
		entries = append(entries, e)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e := entries[i%n]
		if _, err := events.DecodeNATS(e.Header, e.Body); err != nil {
			b.Fatal(err)
		}
	}
}
