package jetstream

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/overstay/overstay/store/eventlog"
)

// TestAServerThatDeliversNothingEndsTheReading: so many consumers in a row may stall;
// one that delivers something begins the count anew, and what is no stall is no part
// of it.
func TestAServerThatDeliversNothingEndsTheReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &follower{log: &log{pub: publisher{logger: slog.New(slog.DiscardHandler)}}, next: 7}
		nothing := func() error { return &stalled{f.next, 9, 0} }
		tries := 0
		err := f.insist(t.Context(), func() error {
			switch tries++; {
			case tries < maxStalls:
				return nothing()
			case tries == maxStalls:
				f.next++ // delivered before it stalled
				return nothing()
			case tries < 2*maxStalls-1:
				return nothing()
			case tries < 2*maxStalls+20:
				return errors.New("the connection is back after a loss")
			}
			return nothing()
		})
		stall := (*stalled)(nil)
		if !errors.As(err, &stall) || !strings.Contains(err.Error(), "the server delivers nothing from 8 on, in 12 tries, though OVERSTAY_EVENTS ends at 9: restart it") {
			t.Errorf("ended with %v", err)
		}
		if want := 2*maxStalls + 20; tries != want {
			t.Errorf("%d consumers were made, not %d", tries, want)
		}
	})
}

// TestAReadingThatIsClosedEnds: also one that stalls.
func TestAReadingThatIsClosedEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &follower{log: &log{pub: publisher{logger: slog.New(slog.DiscardHandler)}}, next: 7}
		tries := 0
		err := f.insist(ctx, func() error {
			if tries++; tries == 3 {
				cancel()
			}
			return &stalled{7, 9, 0}
		})
		if !errors.Is(err, eventlog.ErrClosed) || tries != 3 {
			t.Errorf("ended after %d tries with %v", tries, err)
		}
	})
}
