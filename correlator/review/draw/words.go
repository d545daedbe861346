package draw

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
)

// clean keeps names from outside from steering whoever reads them: control characters,
// line ends of every kind and characters that change the direction of writing or are
// not to be seen become "?".
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return '?'
		case r != ' ' && unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// shorten makes a name fit into so many characters; the middle goes, since names
// differ at both ends.
func shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	if most < 5 {
		return string(r[:max(most-1, 0)]) + "…"
	}
	head := (most - 1) * 3 / 5
	return string(r[:head]) + "…" + string(r[len(r)-(most-1-head):])
}

// kindWords are the headings of the groups.
var kindWords = map[review.LaneKind][2]string{ // one, several
	review.LanePerson: {"person", "Person"}, review.LaneApproval: {"approval", "Approvals"}, review.LaneSession: {"session", "Sessions"},
	review.LaneLease: {"lease", "Leases"}, review.LaneMembership: {"membership", "Memberships"},
}

// count says how many of a kind.
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// countKind says how many lanes of a kind.
func countKind(n int, k review.LaneKind) string { return count(n, kindWords[k][0]) }

// scopeWords are what a scope is, without its system.
func scopeWords(s events.Scope) string {
	var parts []string
	for _, p := range []string{firstRDN(s.Resource), firstRDN(s.Role)} {
		if p != "" && (p == firstRDN(s.Role) || !strings.HasPrefix(s.Role, p)) { // some roles begin with the resource
			parts = append(parts, p)
		}
	}
	out := strings.Join(parts, " as ")
	if s.Level != "" {
		out = strings.TrimSpace(out + " (" + s.Level + ")")
	}
	return cmp.Or(out, s.System)
}

// firstRDN leaves of a distinguished name what tells it apart.
func firstRDN(name string) string {
	first, rest, more := strings.Cut(name, ",")
	if !more || !strings.Contains(first, "=") || !strings.Contains(rest, "=") {
		return name
	}
	return first + ",…"
}

// title is what a lane is called: of an approval what it allows, of an access what it
// gives.
func title(l review.Lane) string {
	switch {
	case l.Kind == review.LanePerson:
		return "the accounts themselves"
	case len(l.Scopes) > 1:
		return clean(fmt.Sprintf("%s and %d more", scopeWords(l.Scopes[0]), len(l.Scopes)-1))
	case len(l.Scopes) == 1:
		return clean(scopeWords(l.Scopes[0]))
	}
	return clean(l.ID)
}

// system is where a lane is.
func system(l review.Lane) string {
	if len(l.Scopes) > 0 && l.Kind != review.LaneApproval {
		return clean(l.Scopes[0].System)
	}
	return clean(l.Source)
}

// span of time in words: to the second below an hour, to the minute above.
func lasting(d time.Duration) string {
	switch {
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		return short(d.Round(time.Second))
	case d < 10*day:
		return short(d.Round(time.Minute))
	}
	return fmt.Sprintf("%d days", d/day)
}

// short is a duration without what is zero: 34m, 22m45s, 1h5m, 2d3h.
func short(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / u.of; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d %= u.of
		}
	}
	return cmp.Or(b.String(), "0s")
}

// stateWords say how a piece of time was.
var stateWords = map[review.SpanState]string{
	review.SpanWindow: "the approval's window", review.SpanUnknownEnd: "the approval's window; nobody says when it ends",
	review.SpanCovered: "held, covered by an approval", review.SpanBaseline: "held since before anything was known",
	review.SpanUncovered: "held, under no approval that is known", review.SpanRatified: "approved only afterwards",
	review.SpanGrace: "past its approval, within the grace", review.SpanOverrun: "past its approval",
	review.SpanMaybe: "may have ended in here", review.SpanClaimed: "said to have ended; nobody saw it end",
}

// dial writes times: of day, to the second, with the date where the history spans
// several days, or the time lies on another one.
type dial struct{ form, day string }

func clockIn(h *review.History) dial {
	if day := h.From.Format(time.DateOnly); day == h.To.Format(time.DateOnly) {
		return dial{"15:04:05", day}
	}
	return dial{time.DateTime, ""}
}

func (d dial) at(t time.Time) string { return t.Format(d.of(t)) }

// fine is a time to the millisecond.
func (d dial) fine(t time.Time) string { return t.Format(d.of(t) + ".000") }

func (d dial) of(t time.Time) string {
	if d.day != "" && t.Format(time.DateOnly) != d.day {
		return time.DateTime
	}
	return d.form
}

// range of a history in words.
func rangeWords(h *review.History) string {
	if h.From.Format(time.DateOnly) == h.To.Format(time.DateOnly) {
		return h.From.Format("2006-01-02 15:04:05") + " to " + h.To.Format("15:04:05") + " UTC"
	}
	return h.From.Format("2006-01-02 15:04:05") + " to " + h.To.Format("2006-01-02 15:04:05") + " UTC"
}

// about is what a history is about, in one line.
func about(h *review.History) string {
	switch {
	case h.Alert != "":
		for _, n := range h.Alerts {
			if n.ID == h.Alert {
				return clean(n.Rule + " " + n.ID)
			}
		}
		return clean("alert " + h.Alert)
	case h.Approval != "":
		return clean("approval " + h.Approval)
	}
	return clean(string(h.Subject))
}

// verdict sums a history up in a sentence.
func verdict(h *review.History) string {
	s := h.Summary
	parts := []string{count(s.Approvals, "approval"), plural(s.Accesses, "access", "accesses")}
	out := strings.Join(parts, ", ")
	switch {
	case s.Accesses == 0:
	case s.Overran == 0:
		out += "; none outlived its approval"
	default:
		out += fmt.Sprintf("; %s, by %s at most", plural(s.Overran, "outlived its approval", "outlived their approval"), lasting(s.Longest.Std()))
	}
	if s.Unproven > 0 {
		out += fmt.Sprintf("; %d ended by word alone", s.Unproven)
	}
	if s.Open > 0 {
		out += fmt.Sprintf("; %d held at the end", s.Open)
	}
	if s.Uses > 0 {
		out += "; " + count(s.Uses, "use")
	}
	if s.Late > 0 {
		out += "; " + count(s.Late, "fact") + " came late"
	}
	return out + "."
}

func plural(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}
