package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progressBar is a bar on a terminal for work whose size is known: how much is done,
// how fast, and how long it will take. Anywhere else it is silent.
type progressBar struct {
	w     io.Writer
	live  bool
	what  string
	unit  string
	scale float64 // units for each one that is counted
	now   func() time.Time

	begun, drawn time.Time
	last         int64
	skipped      int64 // done before this run began
	shown        bool
}

func newProgress(w io.Writer, what, unit string, scale float64) *progressBar {
	return &progressBar{w: w, live: isTerminal(w), what: what, unit: unit, scale: scale, now: time.Now}
}

// barEvery is the time between two drawings.
const barEvery = 200 * time.Millisecond

// from says how much was done by an earlier run: it counts for the bar, and not for
// the rate.
func (p *progressBar) from(done int64) { p.skipped = done }

// set draws how much is done of all, if it is time to.
func (p *progressBar) set(done, all int64) {
	if !p.live {
		return
	}
	now := p.now()
	if p.begun.IsZero() {
		p.begun = now
	}
	if done < p.last { // the work has a second part
		p.begun, p.skipped = now, done
	}
	p.last = done
	if now.Sub(p.drawn) < barEvery {
		return
	}
	p.drawn, p.shown = now, true
	// A failure to write to the standard error cannot be told anywhere.
	_, _ = fmt.Fprint(p.w, "\r\x1b[K"+p.line(done, all, now.Sub(p.begun)))
}

const barCells = 24

// line is the bar, for a terminal of 80 columns.
func (p *progressBar) line(done, all int64, took time.Duration) string {
	part := 1.0
	if all > 0 {
		part = min(float64(done)/float64(all), 1)
	}
	full := int(part * barCells)
	text := fmt.Sprintf("%-20.20s [%s%s] %3.0f %%", harmless(p.what, ""), strings.Repeat("#", full), strings.Repeat("-", barCells-full), 100*part)
	if fresh := done - p.skipped; fresh > 0 && took > 0 {
		rate := float64(fresh) / took.Seconds()
		left := time.Duration(float64(max(all-done, 0)) / rate * float64(time.Second))
		text += fmt.Sprintf(" %.0f %s/s, %s left", rate*p.scale, p.unit, left.Round(time.Second))
	}
	return text
}

// end takes the bar away.
func (p *progressBar) end() {
	if p.shown {
		p.shown = false
		_, _ = fmt.Fprint(p.w, "\r\x1b[K")
	}
}
