package review

import (
	"slices"
	"time"
)

// framing chooses the range that is shown where none was asked for: what happened, and
// of what was only held, or in force, as much as does not press that together. An access
// that has been there for a year comes in from the left.
type framing struct {
	from, to time.Time // of what must be seen
	// before and after are times that may be seen as well.
	before, after []time.Time
}

const (
	// stretch is by how many times its length a range may grow at once for something
	// that need not be seen, leastRange the length that it is then taken to have.
	stretch    = 2
	leastRange = 10 * time.Minute
	// shortWindow is the longest window that is seen whole, whatever comes of it.
	shortWindow = 24 * time.Hour
)

// frame sets the range that is shown where none was asked for.
func (h *History) frame() {
	var f framing
	for _, l := range h.Lanes {
		f.lane(l)
	}
	for _, n := range h.Alerts {
		for _, r := range n.Revisions {
			f.must(r.At)
		}
	}
	h.Bounded = !h.From.IsZero() || !h.To.IsZero()
	from, to := f.choose()
	if !h.From.IsZero() {
		from = h.From
	}
	if !h.To.IsZero() {
		to = h.To
	}
	if from.IsZero() { // nothing but what was always there
		from = h.Now.Add(-time.Hour)
	}
	if !from.Before(to) {
		to = from.Add(time.Minute)
	}
	h.From, h.To = from, to
}

func (f *framing) must(t time.Time) {
	if t.IsZero() {
		return
	}
	if f.from.IsZero() || t.Before(f.from) {
		f.from = t
	}
	f.to = later(f.to, t)
}

func (f *framing) lane(l Lane) {
	// What was there before anybody looked stretches nothing.
	baseline := slices.ContainsFunc(l.Spans, func(s Span) bool { return s.State == SpanBaseline })
	for _, s := range l.Spans {
		f.span(s, baseline)
	}
	for _, m := range l.Marks {
		if m.Late {
			f.must(m.Known)
		}
		switch {
		case m.What == "used":
			f.must(m.At)
		case !baseline && !m.At.IsZero():
			f.before = append(f.before, m.At)
		}
	}
}

func (f *framing) span(s Span, baseline bool) {
	switch s.State {
	case SpanOverrun, SpanGrace, SpanRatified, SpanMaybe:
		f.must(s.From)
		f.must(s.To)
		return
	case SpanWindow:
		if !s.Open && s.To.Sub(s.From) <= shortWindow {
			f.must(s.From)
		}
	}
	if !baseline && !s.From.IsZero() {
		f.before = append(f.before, s.From)
	}
	// Until when it may have been held, or is in force, need not be seen.
	if s.Open || s.State == SpanClaimed || s.State == SpanWindow || s.State == SpanUnknownEnd {
		f.after = append(f.after, s.To)
	} else {
		f.must(s.To)
	}
}

// choose grows the range by what may be seen, the nearest first, up to the first that
// lies too far off.
func (f *framing) choose() (from, to time.Time) {
	from, to = f.from, f.to
	slices.SortFunc(f.before, func(a, b time.Time) int { return b.Compare(a) })
	slices.SortFunc(f.after, time.Time.Compare)
	if from.IsZero() { // nothing happened: all of it
		if n := len(f.before); n > 0 {
			from = f.before[n-1]
		}
		if n := len(f.after); n > 0 {
			to = f.after[n-1]
		}
		return from, to
	}
	near := func(away time.Duration) bool { return away <= stretch*max(to.Sub(from), leastRange) }
	for _, t := range f.after {
		switch away := t.Sub(to); {
		case away <= 0:
		case near(away):
			to = t
		}
	}
	for _, t := range f.before {
		switch away := from.Sub(t); {
		case away <= 0:
		case near(away):
			from = t
		}
	}
	return from, to
}
