package draw

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator/review"
)

// happening is a mark with its lane.
type happening struct {
	lane review.Lane
	mark review.Mark
}

// happenings are the marks of lanes within the range, in order of when they happened.
func happenings(h *review.History, lanes []review.Lane) []happening {
	var out []happening
	for _, l := range lanes {
		for _, m := range l.Marks {
			if !h.Bounded || !m.At.Before(h.From) && !m.At.After(h.To) {
				out = append(out, happening{l, m})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b happening) int {
		return cmp.Or(a.mark.At.Compare(b.mark.At), cmp.Compare(a.mark.Position, b.mark.Position))
	})
	return out
}

// sentence says what a mark says, without its time.
func (e happening) sentence(clock dial) string {
	m := e.mark
	var b strings.Builder
	b.WriteString(kindWords[e.lane.Kind][0])
	if e.lane.Kind != review.LanePerson {
		name := title(e.lane)
		if e.lane.Kind == review.LaneApproval {
			name = shorten(clean(e.lane.ID), 16)
		}
		b.WriteString(" " + name)
	}
	b.WriteString(" " + clean(m.What))
	if m.Basis != "" && m.Basis != "observed" {
		b.WriteString(" (" + clean(m.Basis) + ")")
	}
	if m.Actor != "" {
		b.WriteString(" by " + clean(string(m.Actor)))
	}
	if !m.Since.IsZero() {
		b.WriteString(", at some time after " + clock.at(m.Since))
	}
	if !m.Expiry.IsZero() {
		b.WriteString(", until " + clock.at(m.Expiry))
	}
	if m.Note != "" {
		b.WriteString(": " + clean(m.Note))
	}
	return b.String()
}

// lateness says when a mark was known, where that was late.
func lateness(m review.Mark, clock dial) string {
	if !m.Late {
		return ""
	}
	return fmt.Sprintf("known only at %s, %s later", clock.at(m.Known), lasting(m.Known.Sub(m.At).Round(time.Second)))
}

// evidenceWords name the event and where it is in the log.
func evidenceWords(e review.Evidence) string {
	if e.Position == 0 {
		return clean(e.Event)
	}
	return fmt.Sprintf("#%d %s", e.Position, clean(e.Event))
}

// happenings lists what happened to the lanes that are shown one by one.
func (p *textPrinter) happenings() {
	clock := clockIn(p.h)
	list := happenings(p.h, p.shown)
	p.line()
	p.line(p.paint(bold, "What happened"), p.paint(faint, "  (# is the position in the log)"))
	pad := strings.Repeat(" ", len(clock.form)+2)
	for _, e := range list {
		p.wrapped(noColour, clock.at(e.mark.At)+"  ", pad, e.sentence(clock))
		if late := lateness(e.mark, clock); late != "" {
			p.wrapped(yellow, pad, pad, late)
		}
		p.wrapped(faint, "  ", "  ", evidenceWords(e.mark.Evidence))
	}
	if p.hidden > 0 {
		p.line()
		p.wrapped(noColour, "", "", fmt.Sprintf("%s without anything remarkable are not told one by one: --from and --to choose less, --format html or json has them all.", plural(p.hidden, "lane", "lanes")))
	}
}

// alerts tells what was told, revision by revision.
func (p *textPrinter) alerts() {
	if len(p.h.Alerts) == 0 {
		return
	}
	p.line()
	p.line(p.paint(bold, "Alerts"))
	for _, n := range p.h.Alerts {
		p.wrapped(redBold, "", "", clean(n.Rule)+" "+clean(n.Severity)+", "+clean(n.State))
		p.wrapped(noColour, "  ", "  ", clean(n.Message))
		for _, r := range n.Revisions {
			state := r.State
			if r.Provisional {
				state += ", provisional"
			}
			p.wrapped(noColour, "  ", "  ", fmt.Sprintf("%s  %s, %s   #%d", clockIn(p.h).at(r.At), clean(state), clean(r.Severity), r.Position))
		}
		p.wrapped(faint, "  ", "  ", clean(n.ID))
	}
}
