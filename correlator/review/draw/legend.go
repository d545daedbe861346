package draw

import (
	"slices"

	"github.com/overstay/overstay/correlator/review"
)

// key is one line of a legend.
type key struct {
	Shape shape
	Words string
}

// legendOf explains what a history shows, and nothing else.
func legendOf(h *review.History) []key {
	var out []key
	bar := func(form, class, words string) {
		out = append(out, key{shape{Form: form, Class: class, To: 1}, words})
	}
	sign := func(form, class, words string) {
		out = append(out, key{shape{Form: form, Class: "sign " + class, From: .5, To: .5}, words})
	}
	states := map[review.SpanState]bool{}
	signs := map[string]bool{}
	bands, late, told := false, false, map[string]bool{}
	for _, l := range h.Lanes {
		bands = bands || len(l.Windows) > 0
		for _, s := range l.Spans {
			states[s.State] = true
		}
		for _, m := range l.Marks {
			signs[signOf(l, m)] = true
			late = late || m.Late
		}
	}
	for _, n := range h.Alerts {
		for _, r := range n.Revisions {
			told[r.State] = true
			told["provisional"] = told["provisional"] || r.Provisional && r.State == "raised"
			told["firm"] = told["firm"] || !r.Provisional && r.State == "raised"
		}
	}
	if bands {
		bar("band", "band", "covered by a window")
	}
	for _, s := range []review.SpanState{
		review.SpanUnknownEnd, review.SpanCovered, review.SpanOverrun, review.SpanGrace, review.SpanRatified, review.SpanUncovered, review.SpanBaseline, review.SpanMaybe, review.SpanClaimed,
	} {
		if states[s] {
			bar("bar", string(s), legendWords[s])
		}
	}
	for _, k := range []struct{ form, words string }{
		{"edge", "begins or ends"}, {"use", "used"}, {"act", "renewed, extended or other"}, {"look", "seen, probed"}, {"cross", "failed or denied"}, {"seal", "sealed: all of it has ended"}, {"unproven", "closed, unproven"},
	} {
		if signs[k.form] {
			sign(k.form, k.form, k.words)
		}
	}
	if late {
		out = append(out, key{shape{Form: "link", Class: "link", To: 1}, "known only later"})
	}
	for _, k := range []struct{ state, form, class, words string }{
		{"firm", "alert", "alert", "alert"}, {"provisional", "alert", "alert provisional", "provisional alert"},
	} {
		if told[k.state] {
			sign(k.form, k.class, k.words)
		}
	}
	if slices.ContainsFunc([]string{"resolved", "retracted"}, func(s string) bool { return told[s] }) {
		sign("calm", "calm", "alert resolved or withdrawn")
	}
	return out
}

// legend explains what was drawn.
func (p *textPrinter) legend() {
	var parts []string
	for _, s := range []review.SpanState{
		review.SpanWindow, review.SpanUnknownEnd, review.SpanCovered, review.SpanOverrun, review.SpanGrace, review.SpanRatified,
		review.SpanUncovered, review.SpanBaseline, review.SpanMaybe, review.SpanClaimed,
	} {
		if p.used[s] {
			parts = append(parts, string(glyphs[s].char)+" "+legendWords[s])
		}
	}
	if p.shading {
		parts = append(parts, "· window without access")
	}
	if p.h.Summary.Uses > 0 {
		parts = append(parts, "┿ used")
	}
	if p.h.Summary.Late > 0 {
		parts = append(parts, "? known late")
	}
	p.line()
	line := ""
	for _, part := range parts {
		if line != "" && cellsOf(line)+3+cellsOf(part) > textWidth {
			p.line(p.paint(faint, line))
			line = ""
		}
		if line != "" {
			line += "   "
		}
		line += part
	}
	p.line(p.paint(faint, line))
}

// legendWords are short.
var legendWords = map[review.SpanState]string{
	review.SpanWindow: "approved", review.SpanUnknownEnd: "approved, end unknown", review.SpanCovered: "held, covered",
	review.SpanOverrun: "OUTLIVED", review.SpanGrace: "within grace", review.SpanRatified: "approved afterwards",
	review.SpanUncovered: "held, no approval", review.SpanBaseline: "held since before", review.SpanMaybe: "end uncertain", review.SpanClaimed: "end only claimed",
}
