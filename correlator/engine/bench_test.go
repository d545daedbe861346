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

// BenchmarkStep is the cost of one lease event over a batch of 256, without the
// log and the disk: subjects hold ten leases each.
func BenchmarkStep(b *testing.B) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	st := memory.New()
	pol := correlator.DefaultPolicy()
	pos := store.Position{LogID: "bench", Epoch: 1}
	o := newOverlay(st)
	core := correlator.NewWorking(o)
	seq := uint64(0)
	step := func(ev events.Event) {
		seq++
		core.Step(pol, correlator.Message{Origin: correlator.Origin{LogID: "bench", Epoch: 1, Seq: seq}, Event: ev})
		if seq%256 == 0 {
			pos.Seq = seq
			core.Flush()
			if err := st.Commit(o.batch(pos)); err != nil {
				b.Fatal(err)
			}
			o = newOverlay(st)
			core.Over(o)
		}
	}
	step(events.Event{ID: "t", Source: "overstay://clock", Type: events.ClockTick, Time: at, Data: &events.Tick{Wall: at, Boot: "b"}})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ev, err := events.New(events.LeaseIssued, "vault://prod", fmt.Sprint(i), at, events.ID(fmt.Sprintf("u%d", i/10)), &events.Lease{
			LeaseID: fmt.Sprintf("database/creds/x/%d", i), Credential: events.CredentialDynamic, Scope: events.Scope{System: "vault/prod", Role: "database/creds/x"},
			Expiry: &events.Expiry{Kind: events.ExpiryExact, At: at.Add(time.Hour)},
		})
		if err != nil {
			b.Fatal(err)
		}
		step(ev)
	}
}
