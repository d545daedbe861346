package correlator

import "slices"

// Interval is a half-open range of time, [From, To). Ever and Forever stand for
// no bound.
type Interval struct{ From, To Time }

// Empty reports whether nothing is in it.
func (i Interval) Empty() bool { return i.To <= i.From }

// Union sorts and merges intervals into disjoint ones; touching ones become one.
func Union(in []Interval) []Interval {
	return union(make([]Interval, 0, len(in)), in)
}

// union is Union, made in a buffer that is empty.
func union(sorted, in []Interval) []Interval {
	for _, i := range in {
		if !i.Empty() {
			sorted = append(sorted, i)
		}
	}
	slices.SortFunc(sorted, func(a, b Interval) int {
		if a.From != b.From {
			return cmp(a.From, b.From)
		}
		return cmp(a.To, b.To)
	})
	out := sorted[:0]
	for _, i := range sorted {
		if n := len(out); n > 0 && i.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, i.To)
			continue
		}
		out = append(out, i)
	}
	return out
}

// intersect is the time that is in both, in order; each list is disjoint and
// sorted.
func intersect(a, b []Interval) []Interval {
	var out []Interval
	for _, x := range a {
		for _, y := range b {
			if i := (Interval{max(x.From, y.From), min(x.To, y.To)}); !i.Empty() {
				out = append(out, i)
			}
		}
	}
	return out
}

// Subtract is what is left of i outside of the cover, in order.
func Subtract(i Interval, cover []Interval) []Interval { return subtract(nil, i, cover) }

// subtract appends to gaps what is left.
func subtract(gaps []Interval, i Interval, cover []Interval) []Interval {
	var few [8]Interval
	at := i.From
	for _, c := range union(few[:0], cover) {
		if c.To <= at {
			continue
		}
		if c.From >= i.To {
			break
		}
		if c.From > at {
			gaps = append(gaps, Interval{at, c.From})
		}
		at = c.To
	}
	if at < i.To {
		gaps = append(gaps, Interval{at, i.To})
	}
	return gaps
}
