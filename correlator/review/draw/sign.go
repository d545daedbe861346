package draw

import (
	"fmt"
	"slices"
	"strings"

	"github.com/overstay/overstay/correlator/review"
)

// mark is a sign for one thing that was said, and where it came late a link to when
// it was known.
func (s *shaper) mark(l review.Lane, m review.Mark) []shape {
	sh, ok := s.place(m.At, m.At)
	if !ok || sh.Before {
		return nil
	}
	sh.Form = signOf(l, m)
	sh.Class = "sign " + sh.Form
	e := happening{l, m}
	head := e.sentence(s.clock)
	sh.Tip = []string{strings.ToUpper(head[:1]) + head[1:], s.clock.fine(m.At)}
	if !m.Known.IsZero() && !m.Late {
		sh.Tip = append(sh.Tip, "known at "+s.clock.at(m.Known))
	}
	sh.Tip = append(sh.Tip, evidenceWords(m.Evidence))
	if !m.Late {
		return []shape{sh}
	}
	late := lateness(m, s.clock)
	sh.Class += " late"
	sh.Tip = slices.Insert(sh.Tip, 2, late)
	out := []shape{sh}
	if link, ok := s.place(m.At, m.Known); ok {
		link.Form, link.Class = "link", "link"
		link.Tip = []string{"Late: " + head, late, evidenceWords(m.Evidence)}
		out = slices.Insert(out, 0, link)
	}
	return out
}

// signOf is the sign of a mark.
func signOf(l review.Lane, m review.Mark) string {
	switch {
	case m.What == "used":
		return "use"
	case m.What == "revocation failed", m.What == "denied", m.What == "revoked" && l.Kind == review.LaneApproval:
		return "cross"
	case m.What == "sealed":
		return "seal"
	case m.What == "closed unproven":
		return "unproven"
	case strings.HasPrefix(m.What, "probe"), m.What == "seen":
		return "look"
	case slices.Contains([]string{"started", "issued", "added", "ended", "removed", "requested", "granted"}, m.What):
		return "edge"
	}
	return "act"
}

// told are the signs of an alert.
func (s *shaper) told(n review.Notice) []shape {
	var out []shape
	for i, r := range n.Revisions {
		sh, ok := s.place(r.At, r.At)
		if !ok || sh.Before {
			continue
		}
		sh.Form, sh.Class = "alert", "sign alert"
		if r.Provisional {
			sh.Class += " provisional"
		}
		switch {
		case r.State == "resolved" || r.State == "retracted":
			sh.Form, sh.Class = "calm", "sign calm"
		case i > 0 && n.Revisions[i-1].State == r.State && n.Revisions[i-1].Severity == r.Severity:
			continue // it says more of the same
		}
		state := clean(r.State)
		if r.Provisional {
			state += ", provisional"
		}
		sh.Tip = []string{clean(n.Rule) + " " + state + " (" + clean(r.Severity) + ")", s.clock.at(r.At), clean(r.Message),
			fmt.Sprintf("#%d alert %s revision %d", r.Position, clean(n.ID), r.Revision)}
		out = append(out, sh)
	}
	return out
}
