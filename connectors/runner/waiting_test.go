package runner

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/overstay/overstay/connectors"
)

// slowError takes its time to say what it is.
type slowError func() string

func (e slowError) Error() string { return e() }

// TestWaitingDoesNotUndoTheEnd: what a source began to say before it was given up
// changes nothing any more, and is not logged.
func TestWaitingDoesNotUndoTheEnd(t *testing.T) {
	for _, reason := range []string{"", "b is away"} {
		synctest.Test(t, func(t *testing.T) {
			var text bytes.Buffer
			end, said := make(chan struct{}), make(chan struct{})
			s := source(func(_ context.Context, _ connectors.Cursor, out connectors.Output) error {
				defer close(said)
				out.Waiting(errors.New("a is away"))
				out.Waiting(slowError(func() string { <-end; return reason }))
				return nil
			})
			r := New(s, &log{}, Options{Dir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(&text, nil))})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- r.Run(ctx) }()
			synctest.Wait()
			cancel()
			var stuck *StuckError
			if err := <-done; !errors.As(err, &stuck) {
				t.Fatalf("the run ended with %v, want a stuck source", err)
			}
			close(end)
			<-said
			if st := r.Snapshot(); st.State != Stuck || st.Waiting != "a is away" {
				t.Errorf("after %q the source is %s, waiting for %q", reason, st.State, st.Waiting)
			}
			if n := len(logged.FindAllString(text.String(), -1)); n != 1 {
				t.Errorf("after %q there are %d lines in the log, want the first wait alone:\n%s", reason, n, text.String())
			}
		})
	}
}

var logged = regexp.MustCompile(`level=(\w+) msg="([^"]*)"(.*)`)

// TestWaitingIsLoggedWhenItChanges: it is said at each look, and again by the next
// run after a failure.
func TestWaitingIsLoggedWhenItChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		var r *Runner
		var states []string
		runs := 0
		s := source(func(_ context.Context, _ connectors.Cursor, out connectors.Output) error {
			say := func(reason string) {
				var err error
				if reason != "" {
					err = errors.New(reason)
				}
				out.Waiting(err)
				st := r.Snapshot()
				states = append(states, strings.TrimSpace(string(st.State)+" "+st.Waiting))
			}
			if runs++; runs == 1 {
				for _, reason := range []string{"", "a is away", "a is away"} {
					say(reason)
				}
				return errors.New("upstream is away")
			}
			for _, reason := range []string{"a is away", "b is away", "", ""} {
				say(reason)
			}
			return nil
		})
		r = New(s, &log{}, Options{Dir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(&text, nil))})
		run(t, r)
		want := "running, waiting a is away, waiting a is away, waiting a is away, waiting b is away, running, running"
		if got := strings.Join(states, ", "); got != want {
			t.Errorf("the states were %s, not %s", got, want)
		}
		var lines []string
		for _, m := range logged.FindAllStringSubmatch(text.String(), -1) {
			lines = append(lines, strings.ReplaceAll(m[1]+" "+m[2]+m[3], " source=test://source", ""))
		}
		want = `WARN the source waits for="a is away"
WARN the source failed error="upstream is away" again_in=1s
WARN the source waits for="b is away"
INFO the source goes on waited_for="b is away"`
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("logged\n%s\ninstead of\n%s", got, want)
		}
	})
}
