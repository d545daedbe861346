package correlator

import (
	"fmt"
	"testing"
	"time"
)

// windows are so many of an hour each: every second one touches the one before, the
// others leave a gap of half an hour. They are handed out as approvals come, in no order.
func windows(n int) (whole Interval, out []Interval) {
	const hour, gap = Time(time.Hour), Time(30 * time.Minute)
	at := Time(0)
	out = make([]Interval, n)
	for i := range n {
		if i%2 == 0 {
			at += gap
		}
		out[(i*7919)%n] = Interval{at, at + hour}
		at += hour
	}
	return Interval{0, at + gap}, out
}

// perWindows runs a benchmark for an access with one window, with some, and with as many
// as a standing approval that is extended each day has in two months.
func perWindows(b *testing.B, do func(whole Interval, windows []Interval) int) {
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("windows=%d", n), func(b *testing.B) {
			whole, all := windows(n)
			b.ReportAllocs()
			for b.Loop() {
				if got, want := do(whole, all), (n+1)/2; got < want {
					b.Fatalf("%d intervals, not %d or more", got, want)
				}
			}
		})
	}
}

// BenchmarkUnion is what the windows of one access come to.
func BenchmarkUnion(b *testing.B) {
	perWindows(b, func(_ Interval, all []Interval) int { return len(Union(all)) })
}

// BenchmarkSubtract is when an access was open that no window covered.
func BenchmarkSubtract(b *testing.B) {
	perWindows(b, func(whole Interval, all []Interval) int { return len(Subtract(whole, all)) })
}

// BenchmarkIntersect is the windows' time within another list of as many, as the
// validity of a link between two ids is.
func BenchmarkIntersect(b *testing.B) {
	perWindows(b, func(_ Interval, all []Interval) int {
		u := Union(all)
		return len(intersect(u, u))
	})
}
