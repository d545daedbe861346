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
	// Again: this epoch of the log is being read, and what it has of the former one
	// comes a second time, up to the system.epoch that says so. 0: none.
	Again uint64 `json:"rereading,omitempty"`
	// Held is a wall time that waits for confirmation; 0: none.
	Held Time `json:"held,omitempty"`
	// Witness is the first source whose own time agrees with Held.
	Witness string `json:"witness,omitempty"`
}

const (
	// maxDisagreement between wall and monotonic time within a boot.
	maxDisagreement = 2 * time.Second
	// maxJump over a restart that is believed without anybody's word.
	maxJump = 24 * time.Hour
	// witnessWithin is how near the time of an event must be to a held wall time
	// to speak for it.
	witnessWithin = time.Hour
)

// tick moves log time; it never decreases.
func (s *step) tick(d *events.Tick) {
	m, c := s.meta, &s.meta.Clock
	wall := At(d.Wall)
	prev := m.Now
	if c.Again != 0 && wall <= prev {
		return // its time has been lived through: read again it moves nothing
	}
	switch {
	case c.Boot != d.Boot:
		if prev != 0 && wall.Sub(prev) > maxJump {
			c.Held, c.Boot, c.Wall, c.Mono, c.Drift, c.Witness = wall, d.Boot, wall, d.Monotonic.Std(), false, ""
			return
		}
		m.Now, c.Drift, c.Held = max(prev, wall), false, 0
	case c.Held != 0 && wall.Sub(prev) > maxJump:
		c.Held = wall
		c.Wall, c.Mono = wall, d.Monotonic.Std()
		return
	case c.Held != 0: // it was put right: had it been at the start, nobody would have asked
		m.Now, c.Drift, c.Held, c.Witness = max(prev, wall), false, 0, ""
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

// enterEpoch notices that the log is another incarnation than that of the message
// before, and when what is left of the former one is over. After a hole the log
// goes on: nothing of it comes again.
func (s *step) enterEpoch(msg Message) {
	m := s.meta
	d, gap := msg.Event.Data.(*events.Observation)
	if was := m.Epoch; was != msg.Origin.Epoch {
		m.Epoch = msg.Origin.Epoch
		if was != 0 && !(gap && d.What == events.ObservedGap) {
			m.Clock.Again = m.Epoch
		}
	}
	if d, ok := msg.Event.Data.(*events.Epoch); ok && d.Epoch == m.Clock.Again {
		m.Clock.Again = 0
	}
}

// noteSilence opens catch-up when log time jumped: what happened meanwhile may
// still be on its way. A clock that stumbles during catch-up changes nothing; one
// that falls silent again, for longer than catch-up lasts, leaves unsaid what was
// unsaid.
func (s *step) noteSilence(prev Time) {
	now, cu := s.meta.Now, &s.meta.CatchUp
	gap := now.Sub(prev)
	switch {
	case prev == 0:
		s.firstTick()
	case gap <= catchUpAfter || cu.At != 0 && now < cu.end():
	case cu.At != 0 && prev < cu.end() && gap > catchUpFor:
		cu.At = now
	default:
		*cu = catchUp{Prev: prev, At: now}
	}
}

// witness lets a held jump through once events of two different sources, about
// what happened there, speak for it. What a connector says of itself, its progress
// above all, is told by the clock of the host that it shares with us.
func (s *step) witness(ev events.Event) {
	c := &s.meta.Clock
	at := At(ev.Time)
	if c.Held == 0 || ev.Type.Class() == "source" || at < c.Held.Add(-witnessWithin) || at > c.Held.Add(witnessWithin) {
		return
	}
	switch c.Witness {
	case "":
		c.Witness = ev.Source
	case ev.Source:
	default:
		s.release()
	}
}

// release lets a held jump through: two sources or an operator confirm it.
func (s *step) release() {
	c := &s.meta.Clock
	if c.Held == 0 {
		return
	}
	prev := s.meta.Now
	s.meta.Now, c.Held, c.Witness = max(prev, c.Held), 0, ""
	s.noteSilence(prev)
}
