package correlator

import (
	"time"

	"github.com/overstay/overstay/events"
)

// skew is what the times of a source's events say of its clock. Late events say
// nothing: a backlog is late. What counts is what comes from the future, and a
// distance that stays the same though the source says that it is up to date.
type skew struct {
	// Future is the latest time that seemed to lie ahead, by more than Bound, and Read
	// the log time at which it was read. Between two ticks log time stands still, for
	// as long as nobody ticks: whether it was ahead shows at the next one. 0: none.
	Future Time          `json:"future,omitempty"`
	Read   Time          `json:"read,omitempty"`
	Bound  time.Duration `json:"bound,omitempty"`
	// Ahead is by how much the source was ahead when that last showed, at Seen, and
	// has been since Since.
	Ahead time.Duration `json:"ahead,omitempty"`
	Seen  Time          `json:"seen,omitempty"`
	Since Time          `json:"since,omitempty"`
	// Live are the newest events that were read while the source was up to date.
	Live []timing `json:"live,omitempty"`
}

// timing is when an event happened and when it was read.
type timing struct {
	T    Time          `json:"t"`
	Read Time          `json:"read"`
	Unc  time.Duration `json:"unc,omitempty"`
}

const (
	// skewBound is by how much a time may be off that is stated as exact.
	skewBound = 2 * time.Minute
	// skewHold is how long a source counts as ahead after it last was: hosts of one
	// source take turns.
	skewHold = time.Hour
	// A distance is steady when the newest steadyEvents of a source, over steadyFor at
	// least, all have it, give or take steadyJitter. Time zones lie whole quarter hours
	// apart, so that only those count.
	steadyEvents = 20
	steadyFor    = 10 * time.Minute
	steadyJitter = 30 * time.Second
	quarter      = 15 * time.Minute
)

// timed takes in the time of an event. Where log time itself is in doubt, or makes
// up for a silence, nothing can be compared with it.
func (s *step) timed(r *source, ev events.Event) {
	c := s.meta.Clock
	if !s.enabled(&ruleClockSkew) || s.now() == 0 || ev.Type.Class() == "source" || c.Held != 0 || c.Drift || c.Again != 0 || s.catchingUp() {
		return
	}
	at, unc := At(ev.Time), s.uncertainty(ev)
	if bound := skewBound + unc; at > s.now().Add(bound) {
		if at > r.Skew.Future {
			r.Skew.Future, r.Skew.Read, r.Skew.Bound = at, s.now(), bound
		}
		return
	}
	if r.Progress == 0 || r.Progress < s.now().Add(-skewBound) {
		return // it does not say that it is up to date
	}
	r.Skew.Live = append(r.Skew.Live, timing{at, s.now(), unc})
	if n := len(r.Skew.Live); n > steadyEvents {
		r.Skew.Live = r.Skew.Live[n-steadyEvents:]
	}
}

// settle finds out, once log time has gone on, whether what seemed to come from the
// future did, and forgets what was long ago.
func (k *skew) settle(now Time) {
	if k.Future != 0 && now > k.Read {
		if ahead := k.Future.Sub(now); ahead > k.Bound {
			k.Ahead, k.Seen = ahead, now
			if k.Since == 0 {
				k.Since = now
			}
		}
		k.Future, k.Read, k.Bound = 0, 0, 0
	}
	if k.Since != 0 && now >= k.Seen.Add(skewHold) {
		k.Ahead, k.Seen, k.Since = 0, 0, 0
	}
}

// steady is the distance, in whole quarter hours, by which the newest live events
// are all late; 0 where they are not.
func (k *skew) steady() time.Duration {
	n := len(k.Live)
	if n < steadyEvents || k.Live[n-1].Read.Sub(k.Live[0].Read) < steadyFor {
		return 0
	}
	off := k.Live[0].Read.Sub(k.Live[0].T).Round(quarter)
	for _, l := range k.Live {
		if d := l.Read.Sub(l.T) - off; d > steadyJitter+l.Unc || -d > steadyJitter+l.Unc {
			return 0
		}
	}
	return max(off, 0)
}
