package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// measureLog has the company's log applied live, and replayed.
func (r *run) measureLog(ctx context.Context, rig *rig) (err error) {
	r.Say(fmt.Sprintf("live: a company's log of %s events is made", number(float64(r.Events))))
	f := &feed{ctx: ctx, log: rig.streams.Events(), told: func(n int) { r.Progress("fill the log", n, r.Events) }}
	began := time.Now()
	end, err := work(r.Seed, r.Events, f.put)
	if err = errors.Join(err, f.flush()); err != nil {
		return err
	}
	filled := float64(r.Events) / time.Since(began).Seconds()
	rig.clock.set(end)
	if r.empty, err = r.readEmpty(ctx, rig); err != nil {
		return err
	}
	if r.wants("live") {
		r.figure("live", "made and durably appended, in batches of 1,000", filled, "events/s", nil)
		r.figure("live", "read by an empty handler (baseline)", r.empty, "events/s", nil)
		if err := r.live(ctx, rig); err != nil {
			return err
		}
	}
	if r.wants("replay") {
		return r.replay(ctx, rig)
	}
	return nil
}

// readEmpty is how many messages a second a handler reads that does nothing, by the
// client library alone.
func (r *run) readEmpty(ctx context.Context, rig *rig) (float64, error) {
	r.Say("baseline: the log is read by a handler that does nothing")
	last, err := rig.last(ctx)
	if err != nil {
		return 0, err
	}
	js, err := natsjs.New(rig.conn)
	if err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	c, err := js.CreateConsumer(ctx, jetstream.EventsStream, natsjs.ConsumerConfig{
		DeliverPolicy: natsjs.DeliverAllPolicy, AckPolicy: natsjs.AckNonePolicy, MemoryStorage: true,
	})
	if err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	done := make(chan struct{})
	n := uint64(0)
	began := time.Now()
	reading, err := c.Consume(func(natsjs.Msg) {
		if n++; n == last {
			close(done)
		}
	}, natsjs.PullMaxMessagesWithBytesLimit(2000, 16<<20))
	if err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	defer reading.Stop()
	select {
	case <-done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return float64(last) / time.Since(began).Seconds(), js.DeleteConsumer(ctx, jetstream.EventsStream, c.CachedInfo().Name)
}

// live applies the log with an engine that has just been installed.
func (r *run) live(ctx context.Context, rig *rig) (err error) {
	last, err := rig.last(ctx)
	if err != nil {
		return err
	}
	r.Say("live: the log is applied")
	stop, err := r.profile("live")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	began := time.Now()
	e, err := rig.run(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	for at := uint64(0); at < last; {
		at = min(at+uint64(r.Events/100+1), last)
		if err := e.reached(ctx, at); err != nil {
			return err
		}
		r.Progress("apply the log", int(at), int(last))
	}
	took := time.Since(began)
	if err := e.WaitPublished(ctx); err != nil {
		return err
	}
	published := time.Since(began)
	told, _, err := rig.told(ctx)
	if err != nil {
		return err
	}
	g := correlator.Peek(e.View(), e.Policy())
	rate := float64(last) / took.Seconds()
	r.figure("live", "applied: facts merged, judged and committed to disk", rate, "events/s", nil)
	r.figure("live", "ratio to the baseline", rate/r.empty, "", atLeast(0.5, rate/r.empty).of(DefaultEvents, r.Events, "events"))
	r.figure("live", "alerts and seals published", float64(told), "", nil)
	r.figure("live", "published after the last event was applied", max(published-took, 0).Seconds(), "s", nil)
	r.figure("live", "accesses open at the end", float64(g.Open), "", nil)
	return nil
}

// replay plays an archive of the log again. It must tell what was told live.
func (r *run) replay(ctx context.Context, rig *rig) (err error) {
	path := filepath.Join(rig.dir, "log.zst")
	if err := r.export(ctx, rig, path); err != nil {
		return err
	}
	r.Say("replay: the archive is played again")
	defer ungoverned()()
	stop, err := r.profile("replay")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	began := time.Now()
	a, err := archive.Open(path, nil)
	if err != nil {
		return err
	}
	opened := time.Since(began)
	out, err := review.Replay(ctx, review.Options{Log: a.Log(), Compile: compile, Watch: nil})
	took := time.Since(began)
	if err = errors.Join(err, a.Close()); err != nil {
		return err
	}
	if r.wants("live") {
		told, sum, err := rig.told(ctx)
		if err != nil {
			return err
		}
		if told != out.Told || sum != out.Sum {
			return fmt.Errorf("the replay told %d (sha256 %x), and %d (sha256 %x) were told live", out.Told, out.Sum, told, sum)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("measure the archive: %w", err)
	}
	rate := float64(out.Last) / took.Seconds()
	r.figure("replay", "from an archive, the check of each of its bytes included", rate, "events/s", nil)
	r.figure("replay", "ratio to the live baseline", rate/r.empty, "", atLeast(1, rate/r.empty).of(DefaultEvents, r.Events, "events"))
	r.figure("replay", "of that, the check took", opened.Seconds(), "s", nil)
	r.figure("replay", "size of the archive", float64(info.Size())/float64(out.Last), "bytes/event", nil)
	return nil
}

// ungoverned lifts the budget until what it returns is called: the command that replays
// has none, and its state is all in memory.
func ungoverned() (govern func()) {
	limit, percent := debug.SetMemoryLimit(math.MaxInt64), debug.SetGCPercent(100)
	return func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}
}

func (r *run) export(ctx context.Context, rig *rig, path string) error {
	r.Say("replay: an archive of the log is written")
	st, err := rig.streams.Events().State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	w, err := archive.Create(path, archive.Header{LogID: st.ID, From: st.First, To: st.Last, Semantics: correlator.SemanticsID, Made: rig.clock.Wall()}, nil)
	if err != nil {
		return err
	}
	err = readAll(ctx, rig.streams.Events(), st.Last, func(m eventlog.Message) error {
		r.Progress("write the archive", int(m.Position), int(st.Last))
		return w.Message(m)
	})
	if err != nil {
		return errors.Join(err, w.Interrupt())
	}
	_, err = w.Finish()
	return err
}

// readAll hands out a log up to a position.
func readAll(ctx context.Context, log eventlog.Log, last uint64, do func(eventlog.Message) error) error {
	reader, err := log.Read(ctx, 1)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer reader.Close()
	for {
		m, err := reader.Next(ctx)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if err := do(m); err != nil {
			return err
		}
		if m.Position >= last {
			return nil
		}
	}
}
