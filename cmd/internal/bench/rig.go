package bench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// rig is a data folder with the parts that serve opens on it.
type rig struct {
	dir     string
	keep    int // records that stay decoded
	clock   *clock
	server  *jetstream.Server
	conn    *nats.Conn
	streams *jetstream.Streams
}

// inRig has a part measured on a server and an empty log of its own, which are gone
// afterwards.
func (r *run) inRig(name string, measure func(context.Context, *rig) error) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		dir, remove, err := r.folder(name)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
		rig, err := r.openRig(ctx, dir, newClock(beginning))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rig.close()) }()
		return measure(ctx, rig)
	}
}

// openRig starts the server on a folder, as serve does: every message is on disk
// before it is acknowledged.
func (of *run) openRig(ctx context.Context, dir string, c *clock) (*rig, error) {
	r := &rig{dir: dir, keep: of.Memory.Records(), clock: c}
	maxStore := of.bytes()
	if maxStore < 10<<30 {
		maxStore = 0 // what serve takes by itself is enough
	}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	if r.server, err = jetstream.Embed(ctx, jetstream.Options{Dir: filepath.Join(dir, "nats"), MaxStore: maxStore, Logger: quiet}); err != nil {
		return nil, err
	}
	if r.conn, err = r.server.Conn(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if r.streams, err = jetstream.Open(ctx, r.conn, jetstream.StreamOptions{MaxStore: r.server.MaxStore(), Logger: quiet}); err != nil {
		return nil, errors.Join(fmt.Errorf("open the streams: %w", err), r.close())
	}
	return r, nil
}

func (r *rig) close() (err error) {
	if r.streams != nil {
		err = r.streams.Close()
	}
	if r.conn != nil {
		r.conn.Close()
	}
	r.server.Shutdown()
	return err
}

// running is an engine at work on a rig.
type running struct {
	*engine.Engine
	state  *badger.Store
	cancel context.CancelFunc
	ended  chan error
}

// run opens the state and starts an engine. One that is manual does not tick.
func (r *rig) run(ctx context.Context, manual bool) (*running, error) {
	quiet := slog.New(slog.DiscardHandler)
	state, err := badger.Open(filepath.Join(r.dir, "state"), badger.Options{Logger: quiet})
	if err != nil {
		return nil, err
	}
	e, err := engine.New(engine.Config{
		Log: r.streams.Events(), Alerts: r.streams.Alerts(), Quarantine: r.streams.Quarantine(), Published: r.streams.AlertsReader(), Store: state,
		Compile: compile, Clock: r.clock, Logger: quiet, Metrics: unmeasured{}, Manual: manual, KeepRecords: r.keep,
	})
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	out := &running{Engine: e, state: state, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		defer cancel() // whoever waits for it need not any more
		out.ended <- e.Run(ctx)
	}()
	return out, nil
}

// stop ends the engine and closes its state. Its error is why it ended, if not by this.
func (r *running) stop() error {
	r.cancel()
	return errors.Join(<-r.ended, r.state.Close())
}

// reached waits until everything up to a position is applied.
func (r *running) reached(ctx context.Context, position uint64) error {
	applied := make(chan error, 1)
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { applied <- r.WaitApplied(wait, position) }()
	select {
	case err := <-applied:
		return err
	case err := <-r.ended:
		r.ended <- err
		return errors.Join(fmt.Errorf("the engine ended at position %d, before %d", r.Applied(), position), err)
	}
}

// logTime is the time that the log has reached.
func (r *running) logTime() time.Time { return correlator.Peek(r.View(), r.Policy()).Now.Std() }

func compile(text string) (*correlator.Policy, error) { return policy.Load("policy", []byte(text)) }

// last is where the log ends.
func (r *rig) last(ctx context.Context) (uint64, error) {
	st, err := r.streams.Events().State(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the log where it ends: %w", err)
	}
	return st.Last, nil
}

// told is what the alert stream holds: how many, and the SHA-256 over each subject
// and body, as review.Replay makes it.
func (r *rig) told(ctx context.Context) (count int, sum [sha256.Size]byte, err error) {
	st, err := r.streams.AlertsReader().State(ctx)
	if err != nil {
		return 0, sum, fmt.Errorf("ask the alert stream where it ends: %w", err)
	}
	h := sha256.New()
	if st.Last >= st.First {
		tail, err := r.streams.AlertsReader().Tail(ctx, eventlog.TailOptions{})
		if err != nil {
			return 0, sum, fmt.Errorf("read the alerts: %w", err)
		}
		defer tail.Close()
		for {
			m, err := tail.Next(ctx)
			if err != nil {
				return 0, sum, fmt.Errorf("read the alerts: %w", err)
			}
			count++
			for _, part := range [][]byte{[]byte(m.Subject), m.Body} {
				h.Write(part)
				h.Write([]byte{0})
			}
			if m.Position >= st.Last {
				break
			}
		}
	}
	return count, [sha256.Size]byte(h.Sum(nil)), nil
}

// unmeasured drops an engine's metrics: here everything is measured from outside.
type unmeasured struct{}

func (unmeasured) EventApplied(string, string)                          {}
func (unmeasured) EventQuarantined(string)                              {}
func (unmeasured) AlertPublished(string, string, string, time.Duration) {}
func (unmeasured) SetLag(int64)                                         {}
func (unmeasured) SetOpenAccesses(int64)                                {}
func (unmeasured) SetArmedTimers(int64)                                 {}
func (unmeasured) SetOverdue(time.Duration)                             {}
func (unmeasured) SetOutboxDepth(int64)                                 {}
func (unmeasured) SetSourceProgressAge(string, time.Duration)           {}
