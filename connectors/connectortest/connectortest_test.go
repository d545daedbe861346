package connectortest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// ledger is a source over a list of lines, and the model of a good one. Its
// faults, each switched on by a field, are those that the kit must find.
type ledger struct {
	log   *slog.Logger
	lines []string
	perRun

	follow        bool // waits for more at the end
	rereads       int  // lines read again before the cursor
	unstableIDs   bool
	sameIDs       bool
	forgets       bool // the cursor points one line too far
	repeats       bool // the cursor points one line too near
	ignoresErrors bool
	ignoresStop   bool
	deafWhenIdle  bool
	foreign       bool
	invalid       bool
	leakEvent     bool
	leakLog       bool
	leakError     bool
	leakCursor    bool
	leakSkip      bool
	silent        bool
}

// perRun is different in each process.
type perRun struct{ nonce int }

const secret = `s3cr3t&"hvs"`

func (l *ledger) URI() string { return "ledger://test" }

func (l *ledger) Run(ctx context.Context, from connectors.Cursor, out connectors.Output) error {
	start, _ := strconv.Atoi(strings.TrimSuffix(string(from), secret))
	start = max(0, start-l.rereads)
	for i := start; i < len(l.lines) && !l.silent; i += 2 {
		if err := l.emit(ctx, out, i); err != nil {
			return err
		}
	}
	if l.deafWhenIdle {
		if ctx.Err() == nil {
			select {}
		}
	}
	if l.follow {
		<-ctx.Done()
	}
	return ctx.Err()
}

// emit says two lines.
func (l *ledger) emit(ctx context.Context, out connectors.Output, i int) error {
	if err := ctx.Err(); err != nil && !l.ignoresStop {
		return err
	}
	if l.leakLog {
		l.log.Debug("read", "line", secret)
	}
	if l.leakSkip {
		out.Skip("unreadable", "line 1", errors.New("bad line: "+secret))
	}
	var evs []events.Event
	end := min(i+2, len(l.lines))
	for n := i; n < end; n++ {
		evs = append(evs, l.event(n))
	}
	next := end
	if l.forgets {
		next++
	}
	if l.repeats {
		next--
	}
	cursor := strconv.Itoa(next)
	if l.leakCursor {
		cursor += secret
	}
	err := out.Emit(ctx, evs, connectors.Cursor(cursor))
	switch {
	case l.ignoresErrors && err != nil, l.ignoresStop && err != nil:
		return nil
	case l.leakError && err != nil:
		return fmt.Errorf("emitting %s: %w", secret, err)
	}
	return err
}

func (l *ledger) event(n int) events.Event {
	at := time.Date(2026, 5, 4, 12, n, 0, 0, time.UTC)
	s := &events.Session{SessionID: "s" + l.lines[n], Scope: events.Scope{System: "ledger", Resource: "r"}}
	ev := events.Event{ID: l.lines[n], Source: l.URI(), Type: events.SessionStarted, Subject: "ledger:alice", Time: at, Data: s}
	switch {
	case l.unstableIDs:
		ev.ID += "-" + strconv.Itoa(l.nonce)
	case l.sameIDs:
		ev.ID = "same"
	case l.foreign:
		ev.Source = "other://elsewhere"
	case l.invalid:
		ev.Subject = ""
	case l.leakEvent:
		s.SessionID = secret
	}
	return ev
}

func suite(change func(*ledger)) Suite {
	nonce := 0
	return Suite{
		Secrets: []string{secret},
		Limit:   5 * time.Second,
		New: func(_ *testing.T, log *slog.Logger) connectors.Source {
			nonce++
			l := &ledger{log: log, lines: []string{"a", "b", "c", "d", "e"}, perRun: perRun{nonce}}
			if change != nil {
				change(l)
			}
			return l
		},
	}
}

func TestGoodSourcesPass(t *testing.T) {
	t.Run("finite", func(t *testing.T) { Run(t, suite(nil)) })
	t.Run("endless", func(t *testing.T) {
		s := suite(func(l *ledger) { l.follow = true })
		s.Events = 5
		Run(t, s)
	})
	t.Run("reads a little again", func(t *testing.T) {
		s := suite(func(l *ledger) { l.rereads = 2 })
		s.MayRepeat = true
		Run(t, s)
	})
	t.Run("passes on events of others", func(t *testing.T) {
		s := suite(func(l *ledger) { l.foreign = true })
		s.AnySource = true
		Run(t, s)
	})
	t.Run("long", func(t *testing.T) {
		s := suite(func(l *ledger) {
			l.lines = nil
			for i := range 500 {
				l.lines = append(l.lines, strconv.Itoa(i))
			}
		})
		Run(t, s)
	})
}

func TestFaultsAreFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*ledger)
		check  func(*testing.T, Suite) []error
		want   string
	}{
		{"says nothing", func(l *ledger) { l.silent = true }, checkValid, "nothing is proven"},
		{"speaks for another source", func(l *ledger) { l.foreign = true }, checkValid, `its source is "other://elsewhere"`},
		{"invalid event", func(l *ledger) { l.invalid = true }, checkValid, "subject is required"},
		{"one id for two events", func(l *ledger) { l.sameIDs = true }, checkValid, "stands for two different events"},
		{"ids change with the process", func(l *ledger) { l.unstableIDs = true }, checkSecondRun, "instead of"},
		{"cursor too far", func(l *ledger) { l.forgets = true }, checkCursors, "instead of"},
		{"cursor too near", func(l *ledger) { l.repeats = true }, checkCursors, "instead of"},
		{"reads again without saying so", func(l *ledger) { l.rereads = 1 }, checkCursors, "continued from the cursor"},
		{"goes on after a refused batch", func(l *ledger) { l.ignoresErrors = true }, checkRefused, "Emit was called after a batch was refused"},
		{"goes on when stopped", func(l *ledger) { l.ignoresStop = true }, checkStop, "Emit was called after a batch was refused"},
		{"secret in an event", func(l *ledger) { l.leakEvent = true }, checkSecrets, "event session.started"},
		{"secret in a log line", func(l *ledger) { l.leakLog = true }, checkSecrets, "shows in the log"},
		{"secret in an error", func(l *ledger) { l.leakError = true }, checkSecrets, "the error of Run"},
		{"secret in a cursor", func(l *ledger) { l.leakCursor = true }, checkSecrets, "the cursor of batch 0"},
		{"secret in a skip", func(l *ledger) { l.leakSkip = true }, checkSecrets, "skip 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := errors.Join(c.check(t, suite(c.change))...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the kit reported %v, and not %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) && strings.HasPrefix(c.name, "secret") {
				t.Errorf("the report shows the secret: %v", err)
			}
		})
	}
}

func TestDeafSourceIsFoundWhileItWaits(t *testing.T) {
	t.Parallel()
	s := suite(func(l *ledger) { l.deafWhenIdle = true })
	s.Events = 5
	if err := errors.Join(checkStop(t, s)...); err == nil || !strings.Contains(err.Error(), "while it waited for its upstream: Run had not returned") {
		t.Errorf("the kit reported %v", err)
	}
}

func TestCallsAfterTheRunAreCounted(t *testing.T) {
	out := &output{rec: &recording{}, closed: true}
	if err := out.Emit(t.Context(), nil, nil); !errors.Is(err, errOver) {
		t.Errorf("a late Emit returned %v", err)
	}
	out.Skip("unreadable", "line 1", nil)
	if n := out.lateCalls(); n != 2 {
		t.Errorf("%d late calls were counted, not 2", n)
	}
}
