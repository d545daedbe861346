package draw

import (
	"strconv"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/review"
)

func alertsOf(h *review.History) []pageAlert {
	var out []pageAlert
	clock := clockIn(h)
	for _, n := range h.Alerts {
		a := pageAlert{ID: clean(n.ID), Rule: clean(n.Rule), Severity: clean(n.Severity), State: clean(n.State), Message: clean(n.Message)}
		a.Calm = n.State == "resolved" || n.State == "retracted"
		for _, r := range n.Revisions {
			state := clean(r.State)
			if r.Provisional {
				state += ", provisional"
			}
			a.Revisions = append(a.Revisions, pageRevision{clock.at(r.At), state, r.Position})
		}
		out = append(out, a)
	}
	return out
}

// laneName is what a lane is called in a table.
func laneName(l review.Lane) string {
	if l.Kind == review.LanePerson {
		return title(l)
	}
	return kindWords[l.Kind][0] + " " + title(l) + " " + shorten(clean(l.ID), 44)
}

func piecesOf(h *review.History) []pagePiece {
	var out []pagePiece
	at := func(t time.Time) string {
		if t.IsZero() {
			return "unknown"
		}
		return clockIn(h).at(t)
	}
	for _, l := range h.Lanes {
		for _, s := range l.Spans {
			p := pagePiece{What: laneName(l), State: stateWords[s.State], From: at(s.From), To: at(s.To), Over: s.State == review.SpanOverrun}
			if s.Open {
				p.To = "not ended"
			}
			if !s.From.IsZero() {
				p.Lasting = lasting(s.To.Sub(s.From))
			}
			if s.Start != nil {
				p.Begins = evidenceWords(*s.Start)
			}
			if s.End != nil {
				p.Ends = evidenceWords(*s.End)
			}
			if s.Basis != "" {
				p.Ends = strings.TrimSpace(p.Ends + " (" + clean(s.Basis) + ")")
			}
			out = append(out, p)
		}
	}
	return out
}

func eventsOf(h *review.History) []pageEvent {
	var out []pageEvent
	clock := clockIn(h)
	for _, e := range happenings(h, h.Lanes) {
		m := e.mark
		what := clean(m.What)
		if !m.Expiry.IsZero() {
			what += ", until " + clock.at(m.Expiry)
		}
		if !m.Since.IsZero() {
			what += ", at some time after " + clock.at(m.Since)
		}
		if m.Basis != "" && m.Basis != "observed" {
			what += " (" + clean(m.Basis) + ")"
		}
		if m.Note != "" {
			what += ": " + clean(m.Note)
		}
		pe := pageEvent{At: clock.fine(m.At), What: what, By: clean(string(m.Actor)), Of: laneName(e.lane), Late: m.Late, Event: clean(m.Event)}
		if !m.Known.IsZero() {
			pe.Known = clock.at(m.Known)
		}
		if m.Late {
			pe.Known += ", " + lasting(m.Known.Sub(m.At)) + " later"
		}
		if m.Position > 0 {
			pe.Position = strconv.FormatUint(m.Position, 10)
		}
		out = append(out, pe)
	}
	return out
}
