package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// stage is the program that the story is played to, and the world around it: the
// logs that grow, and time.
type stage struct {
	app   *app.App
	clock *clock
	logs  map[string]*logFile
	gates map[string]*gate // by type of connector
	held  string           // the type of the connector that hangs, "" for none

	tick uint64 // position of the last tick
	next uint64 // position of the next alert to read

	applied uint64 // position of the log up to which everything is applied

	stop  context.CancelFunc // of the program
	ended chan error
}

// errEnded is why nobody answers any more; what ended the program is told when it
// is closed.
var errEnded = errors.New("the program that plays the demo has ended")

// looks is the order in which the connectors look at their files, so that every
// run has the same log.
var looks = []string{config.TypeTeleport, config.TypeVault, config.TypeCloudEventsFile}

// openStage starts the program on dir. gone is called should it end by itself.
func openStage(ctx context.Context, gone context.CancelCauseFunc, dir, version string, start time.Time) (*stage, error) {
	logs, err := lay(dir)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(filepath.Join(dir, configFile))
	if err != nil {
		return nil, fmt.Errorf("read the demo's configuration: %w", err)
	}
	s := &stage{clock: newClock(start), logs: logs, gates: map[string]*gate{}, next: 1, ended: make(chan error, 1)}
	for _, name := range looks {
		s.gates[name] = newGate()
	}
	s.app, err = app.Open(ctx, app.Options{
		Config: cfg, Version: version, Logger: slog.New(slog.DiscardHandler), Clock: s.clock, Manual: true,
		Wait: func(c config.Connector) func(context.Context, time.Duration) error { return s.gates[c.Type].wait },
	})
	if err != nil {
		return nil, err
	}
	runCtx, stop := context.WithCancel(ctx)
	s.stop = stop
	go func() {
		err := s.app.Run(runCtx)
		gone(errEnded)
		s.ended <- err
	}()
	for _, name := range looks {
		if err := s.gates[name].rest(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("start the %s connector: %w", name, err), s.close())
		}
	}
	return s, nil
}

// close stops the program.
func (s *stage) close() error {
	s.stop()
	return errors.Join(<-s.ended, s.app.Close())
}

// moment lets time pass and tells what was published.
func (s *stage) moment(ctx context.Context, now time.Time, to teller) error {
	told, err := s.step(ctx, now)
	if err != nil {
		return err
	}
	for _, m := range told {
		if err := to.publication(now, m); err != nil {
			return err
		}
	}
	return nil
}

// step moves time to t: the systems write their logs, a tick says what time it
// is, the connectors read, and the engine draws its conclusions. It returns what
// was published.
func (s *stage) step(ctx context.Context, t time.Time) ([]eventlog.Message, error) {
	s.clock.set(t)
	if err := s.writeLogs(t); err != nil {
		return nil, err
	}
	var err error
	if s.tick, err = s.app.Engine().Tick(ctx, s.tick); err != nil {
		return nil, fmt.Errorf("tick at %s: %w", t.Format(time.TimeOnly), err)
	}
	for _, name := range looks {
		if name == s.held {
			continue
		}
		if err := s.gates[name].open(ctx); err != nil {
			return nil, fmt.Errorf("let the %s connector look at %s: %w", name, t.Format(time.TimeOnly), err)
		}
	}
	if err := s.settle(ctx); err != nil {
		return nil, fmt.Errorf("wait for the conclusions at %s: %w", t.Format(time.TimeOnly), err)
	}
	return s.published(ctx)
}

func (s *stage) writeLogs(t time.Time) error {
	for _, f := range s.logs {
		if err := f.writeUntil(t); err != nil {
			return err
		}
	}
	line, err := directoryProgress(t)
	if err != nil {
		return err
	}
	return s.logs[directoryLog].write(line)
}

// directoryProgress is what the OpenLDAP connector says every few seconds: that
// everything the directory had by then has been told.
func directoryProgress(t time.Time) ([]byte, error) {
	ev, err := events.New(events.SourceProgress, "ldap://corp", "progress@"+t.Format(time.RFC3339Nano), t, "",
		&events.Progress{Through: t, Basis: events.ByPosition})
	if err != nil {
		return nil, fmt.Errorf("say the directory's progress: %w", err)
	}
	line, err := events.Encode(ev)
	if err != nil {
		return nil, fmt.Errorf("say the directory's progress: %w", err)
	}
	return append(line, '\n'), nil
}

// settle returns when everything in the log is applied and published.
func (s *stage) settle(ctx context.Context) error {
	st, err := s.app.Events().State(ctx)
	if err != nil {
		return err
	}
	if err := s.app.Engine().WaitApplied(ctx, st.Last); err != nil {
		return err
	}
	s.applied = st.Last
	return s.app.Engine().WaitPublished(ctx)
}

// published reads what is new on the alert stream.
func (s *stage) published(ctx context.Context) ([]eventlog.Message, error) {
	r, err := s.app.Alerts().Tail(ctx, eventlog.TailOptions{From: s.next})
	if err != nil {
		return nil, fmt.Errorf("read the alerts: %w", err)
	}
	var out []eventlog.Message
	for {
		m, err := r.Next(ctx)
		if err != nil {
			err = errors.Join(ignore(err, io.EOF), r.Close())
			return out, err
		}
		out, s.next = append(out, m), m.Position+1
	}
}

// ignore is err unless it is the one that was expected.
func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}
