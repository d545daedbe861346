package connectortest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// checkStop stops the source where it hurts: before it began, while the log is
// slow to take a batch, and between batches. Everywhere it must return its
// context's error within a second, which runIn measures.
func checkStop(t *testing.T, s Suite) []error {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := stopped(s.runIn(ctx, cancel, t, nil, takeAll), "before it began", false)

	rec := s.runWith(t, nil, func(ctx context.Context, _ *recording, stop func()) error {
		stop()
		return ctx.Err()
	})
	errs = append(errs, stopped(rec, "while its first batch waited for the log", false)...)

	rec = s.runWith(t, nil, func(_ context.Context, _ *recording, stop func()) error {
		stop()
		return nil
	})
	errs = append(errs, stopped(rec, "right after its first batch", true)...)
	if s.Events == 0 {
		return errs
	}
	rec = s.runWith(t, nil, func(_ context.Context, rec *recording, stop func()) error {
		if len(rec.about(0)) >= s.Events {
			// Not now but a little later, when the source waits for its
			// upstream again: only then does it show whether that wait ends.
			time.AfterFunc(idle, stop)
		}
		return nil
	})
	return append(errs, stopped(rec, "while it waited for its upstream", false)...)
}

// idle is the time in which a source that has said everything goes back to
// waiting. Too short a time hides a fault and never invents one.
const idle = 20 * time.Millisecond

// stopped judges how a run ended. A short input may have come to its end with
// the batch during which it was stopped; then nil is right as well.
func stopped(rec *recording, when string, mayEnd bool) []error {
	var errs []error
	for _, f := range rec.faults {
		errs = append(errs, fmt.Errorf("stopped %s: %w", when, f))
	}
	if len(errs) > 0 || errors.Is(rec.err, context.Canceled) || mayEnd && rec.err == nil {
		return errs
	}
	return append(errs, fmt.Errorf("stopped %s, Run returned %v instead of its context's error", when, rec.err))
}
