package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/connectors"
)

// statusPage renders a status for a person.
type statusPage struct {
	app.Status
	now     time.Time // at the server
	painter painter
}

func (p statusPage) print(w io.Writer) error {
	var b strings.Builder
	p.head(&b)
	p.sources(&b)
	p.connectors(&b)
	p.judgements(&b)
	p.unmapped(&b)
	p.advice(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (p statusPage) title(b *strings.Builder, text string) {
	fmt.Fprintf(b, "\n%s\n", p.painter.paint(bold, text))
}

// table aligns rows of cells. Cells from outside are made harmless, tabs included.
func table(b *strings.Builder, rows [][]string) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = harmless(cell, "")
		}
		// A strings.Builder takes everything.
		_, _ = fmt.Fprintf(t, "  %s\n", strings.Join(cells, "\t"))
	}
	_ = t.Flush()
}

func (p statusPage) head(b *strings.Builder) {
	fmt.Fprintf(b, "overstay %s, running for %s\n", harmless(p.Version, ""), p.now.Sub(p.Started).Round(time.Second))
	ready := "its verdicts are up to date"
	switch {
	case !p.Ready:
		ready = p.painter.paint(yellow, "not up to date: "+harmless(p.NotReady, ""))
	case p.LogEnd > p.Position:
		ready = p.painter.paint(yellow, fmt.Sprintf("not up to date: %s still to be judged", count(int(p.LogEnd-p.Position), "message")))
	}
	fmt.Fprintf(b, "%s; log time %s, position %d\n", ready, orNone(harmless(p.LogTime, "")), p.Position)
	if p.HeldClock != "" {
		fmt.Fprintln(b, p.painter.paint(red, "the clock has jumped to "+harmless(p.HeldClock, "")+", and waits for an operator"))
	}
	fmt.Fprintf(b, "%s (%d in force or to come), %s open, %d timers armed\n",
		count(p.Approvals, "approval"), p.Windows, accesses(p.Open), p.Timers)
}

func (p statusPage) sources(b *strings.Builder) {
	p.title(b, "Sources")
	if len(p.Sources) == 0 {
		fmt.Fprintln(b, "  none has said anything yet: nothing is seen, and nothing can be judged")
		return
	}
	rows := [][]string{{"SOURCE", "EVENTS", "UNAUTHORISED", "OPEN", "PROGRESS", "BLIND"}}
	for _, s := range p.Sources {
		progress := "not promised"
		switch {
		case s.Progress != "":
			progress = p.age(s.Progress)
		case s.Promises:
			progress = "none yet"
		}
		rows = append(rows, []string{s.URI, fmt.Sprint(s.Events), fmt.Sprint(s.Unauthorised), fmt.Sprint(s.Open), progress, s.Blind})
	}
	table(b, rows)
}

// age says how long ago something was, at the server.
func (p statusPage) age(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return max(0, p.now.Sub(t)).Round(time.Second).String() + " ago"
}

func (p statusPage) connectors(b *strings.Builder) {
	if len(p.Connector) == 0 {
		return
	}
	p.title(b, "Connectors")
	rows := [][]string{{"CONNECTOR", "STATE", "EVENTS", "NOT ACCESS", "SKIPPED", "LAST ERROR"}}
	for _, c := range p.Connector {
		last := c.LastError
		if last == "" && c.LastSkip != "" {
			last = "skipped " + c.LastSkip
		}
		rows = append(rows, []string{c.URI, c.State, fmt.Sprint(sum(c.Events)), fmt.Sprint(c.Skipped[connectors.SkipNotAccess]), skipped(c.Skipped), last})
	}
	table(b, rows)
}

// skipped says how many records were lost to the reading, and why: those that are not
// about access were read, and are no loss.
func skipped(by map[string]uint64) string {
	var why []string
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		if reason != connectors.SkipNotAccess && by[reason] > 0 {
			why = append(why, fmt.Sprintf("%d %s", by[reason], reason))
		}
	}
	if len(why) == 0 {
		return "0"
	}
	return strings.Join(why, ", ")
}

func sum(m map[string]uint64) uint64 {
	var n uint64
	for _, v := range m {
		n += v
	}
	return n
}

func (p statusPage) judgements(b *strings.Builder) {
	p.title(b, "Open accesses by judgement")
	if len(p.Judgement) == 0 {
		fmt.Fprintln(b, "  none is judged")
		return
	}
	var rows [][]string
	for _, j := range slices.Sorted(maps.Keys(p.Judgement)) {
		rows = append(rows, []string{fmt.Sprintf("%6d", p.Judgement[j]), j})
	}
	table(b, rows)
}

func (p statusPage) unmapped(b *strings.Builder) {
	if len(p.Unmapped) == 0 {
		return
	}
	p.title(b, "Scopes that no approval of their holder names")
	rows := [][]string{{"OPEN", "SCOPE"}}
	for _, u := range p.Unmapped {
		rows = append(rows, []string{fmt.Sprint(u.Open), u.Scope})
	}
	table(b, rows)
}

// advice is printed without decoration: it is there to be pasted.
func (p statusPage) advice(b *strings.Builder) {
	if len(p.Advice) == 0 {
		return
	}
	p.title(b, "To paste into the policy: more could be judged (docs/policy.md)")
	for _, piece := range p.Advice {
		for line := range strings.Lines(piece) {
			fmt.Fprintf(b, "  %s\n", harmless(strings.TrimSuffix(line, "\n"), ""))
		}
	}
	// Rights are compared person by person: with the names unjoined, there is nothing
	// to propose for them, and joins alone may not change a verdict.
	begins := func(top string) bool {
		return slices.ContainsFunc(p.Advice, func(piece string) bool { return strings.HasPrefix(piece, top) })
	}
	if begins("identity:") && !begins("entitlements:") {
		fmt.Fprintln(b, "  # then ask status again: entitlements come next")
	}
}

func accesses(n int) string {
	if n == 1 {
		return "1 access"
	}
	return fmt.Sprintf("%d accesses", n)
}

func orNone(s string) string {
	if s == "" {
		return "not known yet"
	}
	return s
}
