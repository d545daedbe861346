package correlator

import (
	"math"
	"time"
)

// Time is an instant in nanoseconds since 1970-01-01 UTC. The core computes with
// it alone; it never asks a clock. The zero value means "not stated".
type Time int64

// Forever is later than every instant, Ever earlier.
const (
	Forever Time = math.MaxInt64
	Ever    Time = math.MinInt64 + 1
)

// At converts; the zero time.Time becomes 0.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixNano())
}

// Std converts back, in UTC; 0 becomes the zero time.Time.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(t)).UTC()
}

// Add saturates at Forever and Ever.
func (t Time) Add(d time.Duration) Time {
	if t == Forever || t == Ever {
		return t
	}
	switch sum := t + Time(d); {
	case d > 0 && sum < t:
		return Forever
	case d < 0 && (sum > t || sum < Ever):
		return Ever
	default:
		return sum
	}
}

// Sub is the distance from u to t; it saturates.
func (t Time) Sub(u Time) time.Duration {
	switch d := t - u; {
	case t > u && d < 0:
		return math.MaxInt64
	case t < u && d > 0:
		return math.MinInt64
	default:
		return time.Duration(d)
	}
}

// Millis is milliseconds since 1970, as OCSF wants it.
func (t Time) Millis() int64 { return int64(t) / 1e6 }

// String is RFC 3339 in UTC with milliseconds.
func (t Time) String() string {
	switch t {
	case 0:
		return "unknown"
	case Forever:
		return "never"
	case Ever:
		return "always"
	}
	return t.Std().Format("2006-01-02T15:04:05.000Z")
}
