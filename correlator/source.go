package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// source is what is known about one connector's stream.
type source struct {
	URI string `json:"uri"`
	// Resumed is the event time of the newest source.resumed, whose
	// capabilities hold.
	Resumed stamp               `json:"resumed"`
	Caps    events.Capabilities `json:"caps,omitzero"`
	// Coverage is from when on its record is complete; Forever: not known yet.
	Coverage Time `json:"coverage"`
	// First is the earliest event time: where nothing else is said, the record
	// begins there.
	First Time `json:"first,omitempty"`
	// History is the log time at which a source that brought a past with it was
	// first read; gaps wholly before it are for review. 0: it brought none.
	History  Time `json:"history,omitempty"`
	Progress Time `json:"progress,omitempty"`
	// Heard is the log time of its last message, for silence.
	Heard  Time `json:"heard,omitempty"`
	Proven bool `json:"proven,omitempty"` // has sent progress
	// Ranges are the sequence numbers seen, by epoch, merged.
	Epoch  uint64   `json:"epoch,omitempty"`
	Ranges []seqRun `json:"ranges,omitempty"`
	// HoleAt is the log time at which the present hole was noticed.
	HoleAt      Time `json:"holeAt,omitempty"`
	Quarantined Time `json:"quarantined,omitempty"` // log time of the newest
	Open        int  `json:"open,omitempty"`        // open accesses
	Accesses    bool `json:"accesses,omitempty"`    // ever reported one

	Events int     `json:"events,omitempty"`
	Wake   Time    `json:"wake,omitempty"`
	Facets []facet `json:"facets,omitempty"`
	// Snapshots by kind and scope: when the last complete one began.
	Snapshots map[string]Time `json:"snapshots,omitempty"`
	// Held are snapshots that would end too much, by kind and scope.
	Held map[string]heldSnapshot `json:"held,omitempty"`
	// Claimed: its bulk claims are about what began before this time. 0: none.
	Claimed Time `json:"claimed,omitempty"`
}

type seqRun struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// maxRuns bounds the holes remembered of one source. Beyond it the oldest runs
// merge, which forgets that there was a hole between them, not that there is one.
const maxRuns = 64

const (
	defaultSettle  = 5 * time.Second
	defaultSilence = time.Minute
	holeSettle     = 5 * time.Second
)

// number takes a sequence number in. A new epoch starts afresh: a restart is not
// a hole.
func (r *source) number(q events.Sequence, now Time) {
	if q.IsZero() || q.Epoch < r.Epoch {
		return
	}
	if q.Epoch > r.Epoch {
		r.Epoch, r.Ranges, r.HoleAt = q.Epoch, nil, 0
	}
	runs := append(r.Ranges, seqRun{q.Counter, q.Counter})
	slices.SortFunc(runs, func(a, b seqRun) int { return cmp(a.From, b.From) })
	out := runs[:0]
	for _, run := range runs {
		if n := len(out); n > 0 && run.From <= out[n-1].To+1 {
			out[n-1].To = max(out[n-1].To, run.To)
			continue
		}
		out = append(out, run)
	}
	if len(out) > maxRuns {
		out[1].From = out[0].From
		out = out[1:]
	}
	r.Ranges = out
	switch {
	case len(out) < 2:
		r.HoleAt = 0
	case r.HoleAt == 0:
		r.HoleAt = now
	}
}

// owesProgress reports whether silence of this source means that it is blind.
func (s *step) owesProgress(r *source) bool {
	if set, ok := s.pol.Sources[r.URI]; ok && set.Progress != nil {
		return *set.Progress
	}
	return r.Proven
}

func (s *step) settleOf(r *source) time.Duration {
	if set, ok := s.pol.Sources[r.URI]; ok && set.Settle > 0 {
		return set.Settle
	}
	if d := r.Caps.Settle.Std(); d > 0 {
		return d
	}
	return defaultSettle
}

func (s *step) silenceOf(r *source) time.Duration {
	if set, ok := s.pol.Sources[r.URI]; ok && set.Silence > 0 {
		return set.Silence
	}
	return max(3*r.Caps.Every.Std(), defaultSilence)
}

func (s *step) uncertaintyOf(uri string) time.Duration {
	return s.pol.Sources[uri].Uncertainty
}

// endReporting is whether the source says when such access ends. A source that
// declares nothing is taken to report all ends: whoever emits session.started
// owes us session.ended.
func (s *step) endReporting(uri string, kind events.AccessKind) events.EndReporting {
	if r, ok := s.pol.Sources[uri].EndReporting[kind]; ok {
		return r
	}
	if r := s.source(uri); r != nil {
		if e, ok := r.Caps.EndReporting[kind]; ok {
			return e
		}
	}
	return events.EndsAlways
}

// hear notes that a source spoke.
func (s *step) hear(ev events.Event) *source {
	r := s.sourceOrNew(ev.Source)
	r.Heard = s.now()
	r.Events++
	was := r.coverage()
	if at := At(ev.Time); r.First == 0 || at < r.First {
		r.First = at
	}
	s.coverageMoved(r, was)
	r.number(ev.Sequence, s.now())
	return r
}

// coverage is from when on the source's record is complete: as it says, else from
// its first event on.
func (r *source) coverage() Time {
	switch {
	case r.Coverage != Forever:
		return r.Coverage
	case r.First != 0 && r.Resumed.ID == "":
		return r.First
	}
	return Forever
}

// coverageMoved judges again where a source with accesses or approvals turns out
// to be complete from another time on than was thought.
func (s *step) coverageMoved(r *source, was Time) {
	if was != r.coverage() && (r.Accesses || s.st.Get(key(indexApprovers, r.URI)) != nil) {
		s.rejudge()
	}
}

// cover moves the beginning of coverage back to t.
func (r *source) cover(t Time) {
	if t < r.Coverage {
		r.Coverage = t
	}
}

func (s *step) applyResumed(ev events.Event, d *events.Resumed) {
	r := s.source(ev.Source)
	by := stamp{T: At(ev.Time), ID: ev.ID}
	first := r.Resumed.ID == ""
	was := r.coverage()
	if first || r.Resumed.less(by) {
		r.Resumed, r.Caps = by, d.Capabilities
		for _, realm := range d.Capabilities.Realms {
			s.meta.declare(realm)
		}
	}
	if d.Coverage.IsZero() {
		r.cover(At(ev.Time))
	} else {
		r.cover(At(d.Coverage))
	}
	s.coverageMoved(r, was)
	if first && r.History == 0 && !d.Coverage.IsZero() && At(d.Coverage) < s.now() {
		r.History = s.now()
	}
}

func (s *step) applyProgress(ev events.Event, d *events.Progress) {
	r := s.source(ev.Source)
	r.Proven = true
	through := At(d.Through)
	if through <= r.Progress {
		return
	}
	r.Progress = through
	s.wakeWaiting(r)
}

// wait says that an owner's verdict depends on a source's progress past Due.
type wait struct {
	Source string `json:"source"`
	Due    Time   `json:"due"`
}

func waitKey(w wait, owner string) []byte {
	return []byte(indexWait + w.Source + idSep + timeKey(w.Due) + owner)
}

// setWaits replaces an owner's waits.
func (s *step) setWaits(owner string, old, now []wait) {
	for _, w := range old {
		if !slices.Contains(now, w) {
			s.st.Delete(waitKey(w, owner))
		}
	}
	for _, w := range now {
		if !slices.Contains(old, w) {
			s.st.Put(waitKey(w, owner), []byte{})
		}
	}
}

// wakeWaiting judges again what waited for this source's progress.
func (s *step) wakeWaiting(r *source) {
	prefix := prefixOf(indexWait, r.URI)
	var owners []string
	more := false
	s.st.Scan(prefix, nil, func(k, _ []byte) bool {
		rest := string(k[len(prefix):])
		if timeFromKey(rest) > r.Progress {
			return false
		}
		if len(owners) >= s.budget {
			more = true
			return false
		}
		owners = append(owners, rest[8:])
		return true
	})
	s.budget -= len(owners)
	for _, o := range owners {
		s.touch(o)
	}
	if more {
		s.addJob(job{Kind: jobWaits, Prefix: r.URI})
	}
}
