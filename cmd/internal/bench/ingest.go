package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// ingest appends events at a steady rate and keeps how long each append waited for
// its acknowledgement.
type ingest struct {
	rig    *rig
	cancel context.CancelFunc
	ended  chan error
	n      int
	waits  []time.Duration
}

// ingestEvery is the time between two appends.
const ingestEvery = 10 * time.Millisecond

// startIngest begins: so many events a second of ordinary leases, for a time at most.
// On a machine that cannot apply as many, one that went on would never be caught up
// with.
func startIngest(ctx context.Context, r *rig, perSecond int, atMost time.Duration) *ingest {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	in := &ingest{rig: r, cancel: cancel, ended: make(chan error, 1)}
	go func() { in.ended <- in.run(ctx, perSecond) }()
	return in
}

func (in *ingest) run(ctx context.Context, perSecond int) error {
	each := max(perSecond*int(ingestEvery)/int(time.Second), 1)
	t := time.NewTicker(time.Duration(each) * time.Second / time.Duration(perSecond))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		entries := make([]eventlog.Entry, each)
		for i := range entries {
			var err error
			if entries[i], err = in.event(); err != nil {
				return err
			}
		}
		began := time.Now()
		if err := in.rig.streams.Events().Append(ctx, entries); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("append: %w", err)
		}
		in.waits = append(in.waits, time.Since(began))
	}
}

// event is the next: a lease of one of a thousand workloads, renewed four times and
// given back.
func (in *ingest) event() (eventlog.Entry, error) {
	n := in.n
	in.n++
	typ, now := events.LeaseRenewed, in.rig.clock.Wall().Truncate(time.Millisecond)
	d := &events.Lease{LeaseID: fmt.Sprintf("database/creds/bg/%07d", n/6000*1000+n%1000), Expiry: &events.Expiry{Kind: events.ExpiryExact, At: now.Add(time.Hour)}}
	switch n / 1000 % 6 {
	case 0:
		typ = events.LeaseIssued
		d.Credential, d.Scope = events.CredentialDynamic, events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/bg"}
	case 5:
		typ, d.Expiry = events.LeaseRevoked, nil
	}
	ev, err := events.New(typ, "vault://background", fmt.Sprintf("bg-%08d", n), now, workload(uint64(n%1000)), d)
	if err != nil {
		return eventlog.Entry{}, fmt.Errorf("make the background: %w", err)
	}
	ev.Sequence = events.Sequence{Epoch: 1, Counter: uint64(n + 1)}
	return entryFor(ev)
}

// stop ends it and gives the waits.
func (in *ingest) stop() ([]time.Duration, error) {
	in.cancel()
	err := <-in.ended
	return in.waits, err
}

// quantile is the smallest that so large a part is not above; 0 of none.
func quantile(of []time.Duration, part float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
