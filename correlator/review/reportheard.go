package review

import (
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
)

// maxStretches bounds the silent stretches that are listed of one source.
const maxStretches = 10

// heard is what was heard of one source.
type heard struct {
	events, progress, unreadable int
	first, last                  correlator.Time // in the period
	word                         correlator.Time // its last, in the period or not
	position                     uint64          // of that
	silent                       []silence
}

// silence is a time without a word that was longer than the source may be silent.
type silence struct {
	from, to correlator.Time
	after    uint64
}

func (c *collection) source(uri string) *heard {
	h, ok := c.sources[uri]
	if !ok {
		h = &heard{}
		c.sources[uri] = h
	}
	return h
}

// hear takes note of a source's word.
func (c *collection) hear(m correlator.Message, now correlator.Time, inside bool, v *correlator.View) {
	h := c.source(m.Event.Source)
	h.until(now, m.Event.Source, v)
	h.word, h.position = now, m.Origin.Seq
	if !inside {
		return
	}
	h.events++
	if m.Event.Type == events.SourceProgress {
		h.progress++
	}
	if h.first == 0 {
		h.first = now
	}
	h.last = now
}

// until notes the silence that ends now, if it is longer than it may be.
func (h *heard) until(now correlator.Time, uri string, v *correlator.View) {
	if h.word == 0 || now.Sub(h.word) < time.Second {
		return
	}
	if s, ok := v.Source(uri); ok && s.Owes && now.Sub(h.word) > s.Silence {
		h.silent = append(h.silent, silence{h.word, now, h.position})
	}
}

// heardSources reports on every source that the state knows.
func (c *collection) heardSources() []ReportSource {
	g := c.view.Glance()
	out := make([]ReportSource, 0, len(g.Sources))
	for _, s := range g.Sources {
		h := c.source(s.URI)
		h.until(c.view.Now(), s.URI, c.view)
		r := ReportSource{
			URI: s.URI, Events: h.events, Progress: h.progress, First: timed(h.first), Last: timed(h.last), Coverage: timed(s.Coverage),
			Promises: s.Owes, Through: timed(s.Progress), Blind: s.Blind, Unauthorised: s.Unauthorised, Late: s.Late, Unreadable: h.unreadable,
		}
		if s.Owes {
			r.Silence = seconds(s.Silence)
		}
		r.addStretches(c, h.silent)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b ReportSource) int { return strings.Compare(a.URI, b.URI) })
	return out
}

// addStretches adds what of the silences lies in the period.
func (r *ReportSource) addStretches(c *collection, silent []silence) {
	for _, s := range silent {
		from, to := max(s.from, c.from), min(s.to, c.to)
		if to <= from {
			continue
		}
		r.Silences++
		r.Silent += seconds(to.Sub(from))
		r.Stretches = append(r.Stretches, SilentStretch{From: timed(from), To: timed(to), Seconds: seconds(to.Sub(from)), After: s.after})
	}
	slices.SortStableFunc(r.Stretches, func(a, b SilentStretch) int {
		switch {
		case a.Seconds > b.Seconds:
			return -1
		case a.Seconds < b.Seconds:
			return 1
		}
		return 0
	})
	if len(r.Stretches) > maxStretches {
		r.Stretches = r.Stretches[:maxStretches]
	}
}
