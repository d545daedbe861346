package sim

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// judgeCertain: of a source that keeps its promise of progress, nothing that was
// told as confirmed is retracted.
func (w *World) judgeCertain() {
	before := map[string]said{}
	for _, m := range w.alerts.Published() {
		v, err := readSaid(m)
		if err != nil {
			w.violate("%s cannot be read: %v", m.Subject, err)
			return
		}
		was := before[v.id]
		before[v.id] = v
		if v.State == "retracted" && !was.Provisional && v.Rule != "OV-022" && promises(v.Source) {
			w.violate("%s was told as certain, and is retracted: %s", m.Subject, v.message)
		}
	}
}

// silent is a time without ticks.
type silent struct{ from, to time.Time }

// judgeCatchUp: what was due while the clock was silent is told only once the
// sources have had their say about it, so that none of it is retracted. Where a
// source is held up for other reasons, or a clock is wrong, that cannot be asked.
func (w *World) judgeCatchUp() {
	wrong := w.report.Struck["clock jumps"] + w.report.Struck["clock wrong at boot"]
	if wrong > 0 || len(w.machines) > 1 || slices.ContainsFunc(w.sources, func(s *source) bool { return s.delayed }) {
		return
	}
	silences := w.silences()
	hasty := map[string]bool{}
	for _, m := range w.alerts.Published() {
		v, err := readSaid(m)
		if err != nil {
			w.violate("%s cannot be read: %v", m.Subject, err)
			return
		}
		switch v.State {
		case "raised":
			hasty[v.id] = slices.ContainsFunc(silences, func(s silent) bool {
				return v.Due.After(s.from) && !v.Due.After(s.to) && v.Fired.Before(s.to.Add(catchUp))
			})
		case "retracted":
			if hasty[v.id] {
				w.violate("%s was due while the clock was silent, told too soon, and is retracted: %s", m.Subject, v.message)
			}
		}
	}
}

// catchUp is how long sources have after a silence.
const catchUp = time.Minute

// silences are the longer ones. One that falls into the catch-up after another is
// none: the core lets a clock that stumbles on begin no other minute.
func (w *World) silences() []silent {
	var out []silent
	var last time.Time
	for _, m := range w.logged() {
		if m.Subject != events.SubjectTick {
			continue
		}
		if !last.IsZero() && m.Time.Sub(last) > 5500*time.Millisecond {
			if n := len(out); n == 0 || m.Time.After(out[n-1].to.Add(catchUp)) {
				out = append(out, silent{last, m.Time})
			}
		}
		last = m.Time
	}
	return out
}
