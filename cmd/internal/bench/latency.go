package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

const (
	background   = 5000                  // events a second
	windowsApart = 50 * time.Millisecond // between the ends of two windows
	ahead        = 2 * time.Second       // of the first of them
)

// measureLatency has windows end while the log is busy, and takes the time from when
// each alert was due until it could be read. The settle time is none here: the source
// promises no progress, so that nothing is awaited.
func (r *run) measureLatency(ctx context.Context) error {
	var bare []time.Duration
	err := r.inRig("bare", func(ctx context.Context, rig *rig) (err error) {
		bare, err = r.bareLatency(ctx, rig)
		return err
	})(ctx)
	if err != nil {
		return err
	}
	return r.inRig("latency", func(ctx context.Context, rig *rig) error { return r.latency(ctx, rig, bare) })(ctx)
}

// latency measures the same with the engine.
func (r *run) latency(ctx context.Context, rig *rig, bare []time.Duration) (err error) {
	tail, err := rig.streams.AlertsReader().Tail(ctx, eventlog.TailOptions{New: true, Follow: true})
	if err != nil {
		return fmt.Errorf("read the alerts: %w", err)
	}
	defer tail.Close()
	e, err := rig.run(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	stop, err := r.profile("latency")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	began := time.Now()
	busy := startIngest(ctx, rig, background, r.busyFor())
	late, err := r.ends(ctx, rig, tail)
	applied := e.Applied()
	appended, waits, stopErr := busy.stop()
	rate := float64(appended) / time.Since(began).Seconds()
	if err = errors.Join(err, stopErr); err != nil {
		return err
	}
	last, err := rig.last(ctx)
	if err != nil {
		return err
	}
	ms := func(of []time.Duration, part float64) float64 { return quantile(of, part).Seconds() * 1000 }
	r.figure("latency", "background, appended a second, of 5,000", rate, "events/s", nil)
	r.figure("latency", "background, appended", float64(appended), "events", nil)
	r.figure("latency", "background, not applied at the end", float64(last-min(applied, last)), "events", nil)
	r.figure("latency", "published and read, without the engine, p99 (baseline)", ms(bare, 0.99), "ms", nil)
	r.figure("latency", "due to readable on its subject, p50", ms(late, 0.5), "ms", nil)
	r.figure("latency", "due to readable on its subject, safe from power loss, p99", ms(late, 0.99), "ms", atMost(100, ms(late, 0.99)))
	r.figure("latency", "events acknowledged meanwhile, p99", ms(waits, 0.99), "ms", nil)
	return nil
}

// windows is how many end: one each windowsApart, for twenty seconds at most.
func (r *run) windows() int { return min(400, max(r.Events/1000, 20)) }

// busyFor is how long the background lasts.
func (r *run) busyFor() time.Duration { return time.Duration(r.windows())*windowsApart + ahead }

// bareLatency publishes on the alert stream of a log that is as busy, and reads, with
// nothing between.
func (r *run) bareLatency(ctx context.Context, rig *rig) (out []time.Duration, err error) {
	r.Say("baseline: messages are published and read")
	tail, err := rig.streams.AlertsReader().Tail(ctx, eventlog.TailOptions{New: true, Follow: true})
	if err != nil {
		return nil, fmt.Errorf("read the alerts: %w", err)
	}
	defer tail.Close()
	busy := startIngest(ctx, rig, background, r.busyFor())
	defer func() {
		_, _, stopErr := busy.stop()
		err = errors.Join(err, stopErr)
	}()
	for i := range r.windows() {
		began := time.Now()
		err := rig.streams.Alerts().Publish(ctx, eventlog.Entry{Subject: events.AlertSubject("low", "bench", fmt.Sprint(i), 1), Body: make([]byte, 4000)})
		if err != nil {
			return nil, err
		}
		if _, err := tail.Next(ctx); err != nil {
			return nil, fmt.Errorf("read the alerts: %w", err)
		}
		out = append(out, time.Since(began))
	}
	return out, nil
}

// ends has windows end one after the other, each with a session that goes on.
func (r *run) ends(ctx context.Context, rig *rig, tail eventlog.Reader) ([]time.Duration, error) {
	n := r.windows()
	r.Say(fmt.Sprintf("latency: %d windows end, at %s events a second besides", n, number(background)))
	begin := rig.clock.Wall().Truncate(time.Millisecond).Add(-time.Hour)
	first := rig.clock.Wall().Add(ahead)
	var entries []eventlog.Entry
	for i := range n {
		who, end := person(teleport, uint64(i)), first.Add(time.Duration(i)*windowsApart).Add(-grace)
		id := fmt.Sprintf("req-%04d", i)
		granted, err := events.New(events.ApprovalGranted, teleport, "granted-"+id, begin, who, &events.Approval{ApprovalID: id, Requester: who,
			Scopes: []events.Scope{scopeOf(teleport, 0)}, Window: &events.Window{Start: begin, End: end, EndKind: events.EndAt}, DecidedAt: begin})
		if err != nil {
			return nil, fmt.Errorf("make an approval: %w", err)
		}
		started, err := events.New(events.SessionStarted, teleport, "started-"+id, begin.Add(time.Second), who, &events.Session{SessionID: id,
			Scope: scopeOf(teleport, 0), Approvals: []events.ApprovalRef{{ID: id, AssertedBy: events.ByIssuer}}})
		if err != nil {
			return nil, fmt.Errorf("make a session: %w", err)
		}
		for _, ev := range []events.Event{granted, started} {
			e, err := entryFor(ev)
			if err != nil {
				return nil, err
			}
			entries = append(entries, e)
		}
	}
	if err := rig.streams.Events().Append(ctx, entries); err != nil {
		return nil, fmt.Errorf("append: %w", err)
	}
	var out []time.Duration
	for len(out) < n {
		m, err := tail.Next(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the alerts: %w", err)
		}
		now := rig.clock.Wall()
		due, raised, err := dueOf(m)
		if err != nil {
			return nil, err
		}
		if !raised {
			continue
		}
		out = append(out, now.Sub(time.Unix(0, due)))
		r.Progress("windows end", len(out), n)
	}
	return out, nil
}
