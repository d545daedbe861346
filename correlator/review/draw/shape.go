package draw

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/review"
)

// shape is a thing that is drawn in a row, between two places of the axis.
type shape struct {
	// Form is how it is drawn: band, bar, end, link, or the name of a sign.
	Form string
	// Class names its look; the style has the colours.
	Class string
	From  float64 // 0 is the beginning of the range, 1 its end
	To    float64
	// Before and After: it goes on beyond the range, or is not over.
	Before, After bool
	// Label is written on it if there is room.
	Label string
	// Tip explains it: a heading, and lines.
	Tip []string
}

// row is one lane as it is drawn.
type row struct {
	Title, Sub  string
	Note        string
	NoteClass   string
	Kind        string
	Shapes      []shape
	Over, Alert bool
	// Find is what a filter looks in.
	Find string
}

// shaper makes shapes of one history.
type shaper struct {
	h       *review.History
	axis    axis
	clock   dial
	notices map[string]review.Notice
}

func newShaper(h *review.History) *shaper {
	s := &shaper{h: h, axis: paddedAxis(h), clock: clockIn(h), notices: map[string]review.Notice{}}
	for _, n := range h.Alerts {
		s.notices[n.ID] = n
	}
	return s
}

// paddedAxis leaves some room at both ends, where nothing else was asked for.
func paddedAxis(h *review.History) axis {
	pad := h.To.Sub(h.From) / 50
	return axis{h.From.Add(-pad), h.To.Add(pad)}
}

// row makes the row of a lane.
func (s *shaper) row(l review.Lane) row {
	r := row{Title: title(l), Sub: subtitle(l), Kind: string(l.Kind), Over: l.Overrun > 0, Alert: len(l.Alerts) > 0}
	note, _ := laneNote(l)
	switch r.Note = note; {
	case r.Over:
		r.NoteClass = "over"
	case note == "claimed":
		r.NoteClass = "unsure"
	}
	var find []string
	for _, f := range []string{r.Title, r.Sub, l.Source, l.ID, string(l.Subject), string(l.DecidedBy), l.Ticket} {
		find = append(find, clean(f))
	}
	r.Find = strings.ToLower(strings.Join(find, " "))
	for _, b := range l.Windows {
		if sh, ok := s.band(b); ok {
			r.Shapes = append(r.Shapes, sh)
		}
	}
	for _, p := range l.Spans {
		if sh, ok := s.bar(l, p); ok {
			r.Shapes = append(r.Shapes, sh)
		}
	}
	r.Shapes = append(r.Shapes, s.ends(l)...)
	for _, m := range l.Marks {
		r.Shapes = append(r.Shapes, s.mark(l, m)...)
	}
	for _, id := range l.Alerts {
		r.Shapes = append(r.Shapes, s.told(s.notices[id])...)
	}
	return r
}

// subtitle tells lanes of one title apart.
func subtitle(l review.Lane) string {
	var parts []string
	switch l.Kind {
	case review.LanePerson:
		return ""
	case review.LaneApproval:
		parts = append(parts, shorten(clean(l.ID), 14))
		if l.DecidedBy != "" {
			parts = append(parts, "by "+shorten(clean(l.DecidedBy.Local()), 20))
		}
		if l.Ticket != "" {
			parts = append(parts, shorten(clean(l.Ticket), 14))
		}
	case review.LaneMembership:
		parts = append(parts, shorten(clean(string(l.Subject)), 40))
	default:
		parts = append(parts, shorten(clean(l.ID), 40))
	}
	if l.Others {
		parts = append(parts, "somebody else's")
	}
	return strings.Join(parts, " · ")
}

// place puts a range on the axis; false where it lies outside.
func (s *shaper) place(from, to time.Time) (shape, bool) {
	sh := shape{From: 0, To: s.axis.at(to)}
	if from.IsZero() {
		sh.Before = true
	} else {
		sh.From = s.axis.at(from)
	}
	if sh.To < 0 || sh.From > 1 {
		return sh, false
	}
	sh.Before, sh.After = sh.Before || sh.From < 0, sh.To > 1
	sh.From, sh.To = max(sh.From, 0), min(sh.To, 1)
	return sh, true
}

// times says from when to when, and how long.
func (s *shaper) times(from, to time.Time, open bool) string {
	switch {
	case from.IsZero() && open:
		return "held all the time"
	case from.IsZero():
		return "until " + s.clock.at(to)
	case open:
		return fmt.Sprintf("since %s, and still when the log ended (%s)", s.clock.at(from), lasting(to.Sub(from)))
	}
	return fmt.Sprintf("%s to %s (%s)", s.clock.at(from), s.clock.at(to), lasting(to.Sub(from)))
}

// band is a window behind an access.
func (s *shaper) band(b review.Band) (shape, bool) {
	to, open := b.To, b.To.IsZero()
	if open {
		to = s.axis.to.Add(time.Second)
	}
	sh, ok := s.place(b.From, to)
	sh.Form, sh.Class = "band", "band"
	if !b.Grants {
		sh.Class = "band only"
	}
	head := "covered by approval " + clean(b.Approval)
	if b.Grants {
		head = "granted by approval " + clean(b.Approval)
	}
	when := "from " + s.clock.at(b.From) + ", without an end"
	if !open {
		when = s.times(b.From, b.To, false)
	}
	sh.Tip = []string{head, when, clean(b.Source)}
	if b.Partial {
		sh.Tip = append(sh.Tip, "it covers a part of the right only")
	}
	return sh, ok
}

// bar is a piece of a lane in one state.
func (s *shaper) bar(l review.Lane, p review.Span) (shape, bool) {
	to := p.To
	sh, ok := s.place(p.From, to)
	sh.Form, sh.Class, sh.After = "bar", string(p.State), sh.After || p.Open
	if l.Kind == review.LaneApproval {
		sh.Form = "window"
	}
	head := stateWords[p.State]
	switch p.State {
	case review.SpanOverrun:
		sh.Label = "+" + lasting(p.To.Sub(p.From))
		head = fmt.Sprintf("outlived approval %s by %s", shorten(clean(p.Approval), 20), lasting(p.To.Sub(p.From)))
		if p.Open {
			head = fmt.Sprintf("outlives approval %s, by %s so far", shorten(clean(p.Approval), 20), lasting(p.To.Sub(p.From)))
		}
	case review.SpanWindow, review.SpanUnknownEnd:
		sh.Label = s.windowLabel(l, p)
	default:
		if since := sinceBefore(s.axis, p); since != "" {
			sh.Label = "since " + since
		}
	}
	sh.Tip = []string{strings.ToUpper(head[:1]) + head[1:], s.times(p.From, p.To, p.Open)}
	if p.Used {
		sh.Tip = append(sh.Tip, "used in this time")
	}
	if p.Start != nil {
		sh.Tip = append(sh.Tip, "begins: "+evidenceWords(*p.Start))
	}
	if p.End != nil {
		end := "ends"
		if p.Basis != "" {
			end += " (" + clean(p.Basis) + ")"
		}
		sh.Tip = append(sh.Tip, end+": "+evidenceWords(*p.End))
	} else if p.Basis != "" {
		sh.Tip = append(sh.Tip, "ends: "+clean(p.Basis))
	}
	return sh, ok
}

// sinceBefore is the day on which something began that comes in from the left, "" where
// it begins in the range, or nobody knows when.
func sinceBefore(a axis, p review.Span) string {
	if p.From.IsZero() || a.at(p.From) >= 0 {
		return ""
	}
	if a.from.Sub(p.From) < day {
		return p.From.Format("2 Jan 15:04")
	}
	return p.From.Format("2 Jan 2006")
}

// windowLabel is what is written on a window.
func (s *shaper) windowLabel(l review.Lane, p review.Span) string {
	out := "approved"
	if since := sinceBefore(s.axis, p); since != "" {
		out += " since " + since
	}
	if l.DecidedBy != "" {
		out += " by " + shorten(clean(l.DecidedBy.Local()), 24)
	}
	switch {
	case p.State == review.SpanUnknownEnd:
		return out + ", end unknown"
	case p.Open:
		return out + ", no end"
	}
	return out + " until " + s.clock.at(p.To)
}

// ends are where the windows end that something outlived.
func (s *shaper) ends(l review.Lane) []shape {
	var out []shape
	for _, p := range l.Spans {
		if p.State != review.SpanOverrun {
			continue
		}
		if sh, ok := s.place(p.From, p.From); ok && !sh.Before {
			sh.Form, sh.Class = "end", "end"
			out = append(out, sh)
		}
	}
	return out
}

// restRow is the row that stands for many lanes.
func (s *shaper) restRow(g group) row {
	const pieces = 120
	counts := density(s.axis, g.rest, pieces)
	top := slices.Max(counts)
	r := row{Title: restTitle(g), Sub: "nothing remarkable", Note: fmt.Sprintf("≤ %d at once", top), Kind: string(g.kind)}
	for i := 0; i < pieces; {
		j := i
		for j < pieces && counts[j] == counts[i] {
			j++
		}
		if counts[i] > 0 {
			from, to := s.timeAt(float64(i)/pieces), s.timeAt(float64(j)/pieces)
			r.Shapes = append(r.Shapes, shape{
				Form: "level", Class: "level", From: float64(i) / pieces, To: float64(j) / pieces, Label: fmt.Sprint(heightOf(counts[i], top)),
				Tip: []string{plural(counts[i], "was", "were") + " held", s.clock.at(from) + " to " + s.clock.at(to)},
			})
		}
		i = j
	}
	return r
}

// restTitle says how many lanes a row stands for.
func restTitle(g group) string {
	if len(g.lanes) == 0 {
		return countKind(len(g.rest), g.kind)
	}
	return countKind(len(g.rest), g.kind) + " more"
}

// timeAt is the time at a place of the axis, to the second.
func (s *shaper) timeAt(f float64) time.Time {
	return s.axis.from.Add(time.Duration(f * float64(s.axis.to.Sub(s.axis.from)))).Truncate(time.Second)
}

// heightOf is how high a count is drawn, from 1 to levelHeight.
func heightOf(n, top int) int { return max(n*levelHeight/max(top, 1), cmp.Or(min(n, 2), 1)) }

// levelHeight is the height of the most that were held at once.
const levelHeight = 22
