package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/memory"
)

// bench is a core over a store in memory, a batch of 256 steps at a time.
type bench struct {
	*testing.B
	store *memory.Store
	o     *overlay
	core  *correlator.Working
	pol   *correlator.Policy
	seq   uint64
}

func newBench(b *testing.B) *bench {
	x := &bench{B: b, store: memory.New(), pol: correlator.DefaultPolicy()}
	x.o = newOverlay(x.store)
	x.core = correlator.NewWorking(x.o)
	x.tick(benchBegan)
	return x
}

var benchBegan = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func (x *bench) step(ev events.Event) correlator.Result {
	x.seq++
	out := x.core.Step(x.pol, correlator.Message{Origin: correlator.Origin{LogID: "bench", Epoch: 1, Seq: x.seq}, Event: ev})
	if x.seq%256 == 0 {
		x.commit()
	}
	return out
}

func (x *bench) commit() {
	x.core.Flush()
	if err := x.store.Commit(x.o.batch(store.Position{LogID: "bench", Epoch: 1, Seq: x.seq})); err != nil {
		x.Fatal(err)
	}
	x.o = newOverlay(x.store)
	x.core.Over(x.o)
}

func (x *bench) tick(at time.Time) correlator.Result {
	return x.step(events.Event{ID: fmt.Sprint("t", x.seq), Source: "overstay://clock", Type: events.ClockTick, Time: at,
		Data: &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(benchBegan))}})
}

// issue opens a lease; a subject has ten.
func (x *bench) issue(i int, until time.Time) {
	ev, err := events.New(events.LeaseIssued, "vault://prod", fmt.Sprint(i), benchBegan, events.ID(fmt.Sprintf("u%d", i/10)), &events.Lease{
		LeaseID: fmt.Sprintf("database/creds/x/%d", i), Credential: events.CredentialDynamic, Scope: events.Scope{System: "vault/prod", Role: "database/creds/x"},
		Expiry: &events.Expiry{Kind: events.ExpiryExact, At: until},
	})
	if err != nil {
		x.Fatal(err)
	}
	x.step(ev)
}

// BenchmarkStep is the cost of one lease event over a batch of 256, without the
// log and the disk: subjects hold ten leases each.
func BenchmarkStep(b *testing.B) {
	x := newBench(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.issue(i, benchBegan.Add(time.Hour))
	}
}

// BenchmarkTimers is the cost of one deadline that comes due and finds its lease over:
// popped, its lease judged and written, without the log and the disk. All of 10,000 are
// due in one second; a tick takes as many as a step holds.
func BenchmarkTimers(b *testing.B) {
	const n = 10_000
	end := benchBegan.Add(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		x := newBench(b)
		for i := range n {
			x.issue(i, end.Add(time.Duration(i*7919%n)*(time.Second/n)))
		}
		x.commit()
		b.StartTimer()
		at := end.Add(time.Hour)
		for more := true; more; at = at.Add(time.Millisecond) {
			more = x.tick(at).Backlog
			x.commit()
		}
		b.StopTimer()
		if left := x.core.Peek(x.pol).Open; left != 0 {
			b.Fatalf("%d of %d leases are open after their ends", left, n)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*b.N), "ns/timer")
}
