package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// ingest appends events at a steady rate, as connectors do, and keeps how long each
// append waited for its acknowledgement.
type ingest struct {
	rig     *rig
	cancel  context.CancelFunc
	senders []*sender
	ended   chan error
}

// sender appends what one connector has to say: what came up while an append was under
// way goes with the next.
type sender struct {
	rig    *rig
	source string
	n      int // made
	taken  int // acknowledged
	waits  []time.Duration
}

const (
	senders     = 4
	ingestEvery = 10 * time.Millisecond // between two appends of a sender, at the least
	appendMost  = 1000                  // events in one append
)

// startIngest begins: so many events a second of ordinary leases, for a time at most.
// On a machine that cannot apply as many, one that went on would never be caught up
// with.
func startIngest(ctx context.Context, r *rig, perSecond int, atMost time.Duration) *ingest {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	in := &ingest{rig: r, cancel: cancel, ended: make(chan error, senders)}
	for i := range senders {
		s := &sender{rig: r, source: fmt.Sprintf("vault://background-%d", i+1)}
		in.senders = append(in.senders, s)
		go func() { in.ended <- s.run(ctx, perSecond/senders) }()
	}
	return in
}

func (s *sender) run(ctx context.Context, perSecond int) error {
	t := time.NewTicker(ingestEvery)
	defer t.Stop()
	start := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		entries := make([]eventlog.Entry, 0, appendMost)
		for due := int(time.Since(start).Seconds() * float64(perSecond)); s.n < due && len(entries) < appendMost; {
			e, err := s.event()
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		began := time.Now()
		if err := s.rig.streams.Events().Append(ctx, entries); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("append: %w", err)
		}
		if s.taken += len(entries); len(entries) > 0 {
			s.waits = append(s.waits, time.Since(began))
		}
	}
}

// event is the next: a lease of one of a thousand workloads, renewed four times and
// given back.
func (s *sender) event() (eventlog.Entry, error) {
	n := s.n
	s.n++
	typ, now := events.LeaseRenewed, s.rig.clock.Wall().Truncate(time.Millisecond)
	d := &events.Lease{LeaseID: fmt.Sprintf("database/creds/bg/%07d", n/6000*1000+n%1000), Expiry: &events.Expiry{Kind: events.ExpiryExact, At: now.Add(time.Hour)}}
	switch n / 1000 % 6 {
	case 0:
		typ = events.LeaseIssued
		d.Credential, d.Scope = events.CredentialDynamic, events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/bg"}
	case 5:
		typ, d.Expiry = events.LeaseRevoked, nil
	}
	ev, err := events.New(typ, s.source, fmt.Sprintf("bg-%08d", n), now, workload(uint64(n%1000)), d)
	if err != nil {
		return eventlog.Entry{}, fmt.Errorf("make the background: %w", err)
	}
	ev.Sequence = events.Sequence{Epoch: 1, Counter: uint64(n + 1)}
	return entryFor(ev)
}

// stop ends it and gives how many events were appended, and the waits.
func (in *ingest) stop() (n int, waits []time.Duration, err error) {
	in.cancel()
	for range in.senders {
		err = errors.Join(err, <-in.ended)
	}
	for _, s := range in.senders {
		n += s.taken
		waits = append(waits, s.waits...)
	}
	return n, waits, err
}

// quantile is the smallest that so large a part is not above; 0 of none.
func quantile(of []time.Duration, part float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
