package sim

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// judgeCertain: of a source that keeps its promise of progress, nothing that was
// told as confirmed is retracted, unless it is told by another alert in the end: a
// renewal that was read late makes an extension of what had outlived its window.
func (w *World) judgeCertain() {
	all, last := []said{}, map[string]said{}
	for _, m := range w.alerts.Published() {
		v, err := readSaid(m)
		if err != nil {
			w.violate("%s cannot be read: %v", m.Subject, err)
			return
		}
		all, last[v.id] = append(all, v), v
	}
	before := map[string]said{}
	for _, v := range all {
		was := before[v.id]
		before[v.id] = v
		if v.State == "retracted" && !was.Provisional && v.Rule != "OV-022" && promises(v.Source) && !elsewhere(was, last) {
			w.violate("%s %s was told as certain, and is retracted: %s", v.Rule, v.id, v.message)
		}
	}
}

// elsewhere reports whether another alert tells of the same access and beginning.
func elsewhere(was said, last map[string]said) bool {
	for _, v := range last {
		if v.id == was.id || v.State == "retracted" {
			continue
		}
		if slices.ContainsFunc(v.evidences, func(e evidence) bool {
			return e.Data.From != "" && slices.ContainsFunc(was.evidences, func(o evidence) bool {
				return o.Data.ID == e.Data.ID && o.Data.From == e.Data.From
			})
		}) {
			return true
		}
	}
	return false
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
