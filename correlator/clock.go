package correlator

import (
	"time"

	"github.com/overstay/overstay/events"
)

// clockState is how ticks become log time.
type clockState struct {
	Boot string        `json:"boot,omitempty"`
	Wall Time          `json:"wall,omitempty"`
	Mono time.Duration `json:"mono,omitempty"`
	// Drift: wall and monotonic time disagree and log time follows the latter.
	Drift bool `json:"drift,omitempty"`
	// Held is a wall time that waits for confirmation; 0: none.
	Held Time `json:"held,omitempty"`
}

const (
	// maxDisagreement between wall and monotonic time within a boot.
	maxDisagreement = 2 * time.Second
	// maxJump over a restart that is believed without anybody's word.
	maxJump = 24 * time.Hour
	// witness is how near a source's own clock must be to a held wall time to
	// confirm it: two clocks that agree are believed.
	witness = time.Hour
)

// tick moves log time; it never decreases.
func (s *step) tick(d *events.Tick) {
	m, c := s.meta, &s.meta.Clock
	wall := At(d.Wall)
	prev := m.Now
	switch {
	case c.Boot != d.Boot:
		if prev != 0 && wall.Sub(prev) > maxJump {
			c.Held, c.Boot, c.Wall, c.Mono, c.Drift = wall, d.Boot, wall, d.Monotonic.Std(), false
			return
		}
		m.Now, c.Drift, c.Held = max(prev, wall), false, 0
	case c.Held != 0:
		c.Held = wall
		c.Wall, c.Mono = wall, d.Monotonic.Std()
		return
	default:
		mono := (d.Monotonic.Std() - c.Mono)
		expect := prev.Add(max(mono, 0))
		off := wall.Sub(expect)
		if off < 0 {
			off = -off
		}
		c.Drift = off > maxDisagreement
		if c.Drift {
			m.Now = max(prev, expect)
		} else {
			m.Now = max(prev, wall)
		}
	}
	c.Boot, c.Wall, c.Mono = d.Boot, wall, d.Monotonic.Std()
	s.noteSilence(prev)
}

// noteSilence opens catch-up when log time jumped: what happened meanwhile may
// still be on its way.
func (s *step) noteSilence(prev Time) {
	if prev != 0 && s.meta.Now.Sub(prev) > catchUpAfter {
		s.meta.CatchUp = catchUp{Prev: prev, At: s.meta.Now}
	}
}

// release lets a held jump through once an operator or a source's own clock
// confirms it.
func (s *step) release(seen Time, confirmed bool) {
	c := &s.meta.Clock
	if c.Held == 0 {
		return
	}
	near := seen > c.Held.Add(-witness) && seen < c.Held.Add(witness)
	if !confirmed && !near {
		return
	}
	prev := s.meta.Now
	s.meta.Now, c.Held = max(prev, c.Held), 0
	s.noteSilence(prev)
}
