package cli

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store/eventlog"
)

// place is where in a log something begins or ends: a position, or a time.
type place struct {
	position uint64
	at       time.Time
}

func parsePlace(flag, text string) (place, error) {
	if text == "" {
		return place{}, nil
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil && n > 0 {
		return place{position: n}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return place{}, usagef(`write a position of the log, such as 1200, or "2026-10-01T00:00:00Z"`, "%s: %q is neither a position nor a time", flag, text)
	}
	return place{at: t}, nil
}

func (p place) isZero() bool { return p == place{} }

// first finds the first position at or after the place: of a time, the first message
// that the log took then or later; one after the end where there is none.
func (p place) first(ctx context.Context, log eventlog.Log, st eventlog.State) (uint64, error) {
	if p.at.IsZero() {
		return p.position, nil
	}
	var failed error
	n := sort.Search(int(st.Last+1-st.First), func(i int) bool {
		m, err := log.At(ctx, st.First+uint64(i))
		if err != nil && !errors.Is(err, eventlog.ErrNoMessage) {
			failed = err
		}
		return err == nil && !m.Time.Before(p.at)
	})
	if failed != nil {
		return 0, fmt.Errorf("find the first position at %s: %w", p.at.Format(time.RFC3339), failed)
	}
	return st.First + uint64(n), nil
}

// between reports whether something that was told lies in a range.
func between(from, to place, t review.Told) bool {
	switch {
	case t.Origin.Seq < from.position, to.position > 0 && t.Origin.Seq > to.position:
		return false
	case !from.at.IsZero() && t.At.Before(from.at), !to.at.IsZero() && !t.At.Before(to.at):
		return false
	}
	return true
}

// time is the place as a time: of a position, when the log took it.
func (p place) time(ctx context.Context, flag string, src *pastSource) (time.Time, error) {
	if p.position == 0 {
		return p.at.UTC(), nil
	}
	m, err := src.Log.At(ctx, p.position)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return time.Time{}, usagef("", "%s: the log has no position %d", flag, p.position)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("find the time of position %d: %w", p.position, err)
	}
	return m.Time.UTC(), nil
}
