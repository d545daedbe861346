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
	// Past: it began by saying that its record reaches back, before any tick
	// said what time it was.
	Past bool `json:"past,omitempty"`
	// FirstHeard and Heard are the log times of its first and last message,
	// ProgressHeard that of its last progress, and Promised is since when it says
	// that it will report progress.
	FirstHeard    Time `json:"firstHeard,omitempty"`
	Heard         Time `json:"heard,omitempty"`
	ProgressHeard Time `json:"progressHeard,omitempty"`
	Promised      Time `json:"promised,omitempty"`
	Proven        bool `json:"proven,omitempty"` // has sent progress
	// Ranges are the sequence numbers seen, by epoch, merged.
	Epoch  uint64   `json:"epoch,omitempty"`
	Ranges []seqRun `json:"ranges,omitempty"`
	// Sent is how many its progress says that it has sent, of the same epoch.
	Sent uint64 `json:"sent,omitempty"`
	// HoleAt is the log time at which the present hole was noticed.
	HoleAt      Time `json:"holeAt,omitempty"`
	Quarantined Time `json:"quarantined,omitempty"` // log time of the newest
	Open        int  `json:"open,omitempty"`        // open accesses
	Accesses    bool `json:"accesses,omitempty"`    // ever reported one
	// Woken: nobody waits for its progress up to before then.
	Woken Time `json:"woken,omitempty"`
	// Refused are the realms that it declares although they are another source's.
	Refused []string `json:"refused,omitempty"`

	Events int `json:"events,omitempty"`
	// Unauthorised counts its events outside its authority, copies included.
	Unauthorised int `json:"unauthorised,omitempty"`
	// Incidents put evidence in doubt, in the order in which they were noticed.
	Incidents []incident `json:"incidents,omitempty"`
	// Skew is what the times of its events say of its clock.
	Skew skew `json:"skew,omitzero"`
	// Newest is the latest time of an event, Late how many came too late.
	Newest Time `json:"newest,omitempty"`
	Late   int  `json:"late,omitempty"`
	// DroppedClaims counts bulk claims that went for want of room.
	DroppedClaims int `json:"droppedClaims,omitempty"`
	// Gone: it owes progress and has long reported none; nobody awaits it.
	Gone   bool `json:"gone,omitempty"`
	Expire Time `json:"expire,omitempty"`
	verdict
	// Snapshots by kind and scope: when the last complete one began.
	Snapshots map[string]Time `json:"snapshots,omitempty"`
	// Held are snapshots that would end too much, by kind and scope.
	Held map[string]heldSnapshot `json:"held,omitempty"`
	// Claimed: its bulk claims are about what began before this time. 0: none.
	Claimed Time `json:"claimed,omitempty"`
}

const (
	defaultSettle  = 5 * time.Second
	defaultSilence = time.Minute
)

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

// hear notes that a source spoke, and what that says of its record.
func (s *step) hear(ev events.Event) {
	r := s.heard(ev)
	r.Events++
	was := r.coverage()
	if at := At(ev.Time); r.First == 0 || at < r.First {
		r.First = at
	}
	r.Newest = max(r.Newest, min(At(ev.Time), s.now()))
	s.coverageMoved(r, was)
	s.timed(r, ev)
	switch ev.Data.(type) {
	case *events.Session, *events.Lease, *events.Membership, *events.Account:
		s.useRealm(ev.Subject.Realm(), ev.Source)
	}
}

// heard notes that a source spoke, whatever it said.
func (s *step) heard(ev events.Event) *source {
	r := s.sourceOrNew(ev.Source)
	r.Heard = s.now()
	if r.FirstHeard == 0 {
		r.FirstHeard = s.now()
	}
	if r.Expire == 0 {
		s.setExpiry(ownSource+r.URI, &r.Expire, s.now().Add(tombstoneFor))
	}
	doubted := r.doubted(s.now())
	r.number(ev.Sequence, s.now())
	if doubted && !r.doubted(s.now()) {
		s.wakeWaiting(r)
	}
	return r
}

// firstTick gives what was heard before log time began the time at which it does.
func (s *step) firstTick() {
	for _, uri := range s.sourcesKnown() {
		r := s.sourceOrNew(uri)
		for i := range r.Incidents {
			r.Incidents[i].Noticed = s.now()
		}
		s.touch(ownSource + uri)
		if r.Events+r.Unauthorised == 0 {
			continue
		}
		r.FirstHeard, r.Heard = s.now(), s.now()
		if r.Proven {
			r.ProgressHeard = s.now()
		}
		if r.Caps.Progress {
			r.Promised = s.now()
		}
		if r.Past && r.Coverage < s.now() {
			r.History = s.now()
		}
	}
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
	if was != r.coverage() && (r.Accesses || s.marked(indexApprovers, r.URI)) {
		s.rejudge()
	}
}

// cover moves the beginning of coverage back to t. It never moves forward: what
// was judged exposed would become baseline.
func (r *source) cover(t Time) { r.Coverage = min(t, r.coverage()) }

func (s *step) applyResumed(ev events.Event, d *events.Resumed) {
	r := s.source(ev.Source)
	by := stamp{T: At(ev.Time), ID: ev.ID}
	first := r.Resumed.ID == ""
	was := r.coverage()
	if r.Events == 1 {
		was, r.Resumed = Forever, by // what it says of its coverage is all there is
	}
	if d.Coverage.IsZero() {
		r.cover(At(ev.Time))
	} else {
		r.cover(At(d.Coverage))
	}
	if first || r.Resumed.less(by) {
		r.Resumed = by
	}
	if first || r.Resumed == by {
		r.Caps = d.Capabilities
		s.declareRealms(r)
	}
	if r.Caps.Progress && r.Promised == 0 {
		r.Promised = s.now()
	}
	s.coverageMoved(r, was)
	if first && s.now() == r.FirstHeard && !d.Coverage.IsZero() {
		// It was first read just now, and brings a past with it.
		r.Past = s.now() == 0
		if At(d.Coverage) < s.now() {
			r.History = s.now()
		}
	}
}

func (s *step) applyProgress(ev events.Event, d *events.Progress) {
	r := s.source(ev.Source)
	r.Proven, r.ProgressHeard, r.Gone = true, s.now(), false
	r.sent(ev.Sequence, d.Sequence, s.now())
	// Nobody has read what has not happened: a claim about the future counts as
	// one about now.
	through := min(At(d.Through), s.now())
	if through <= r.Progress {
		return
	}
	r.Progress = through
	if !r.doubted(s.now()) {
		s.wakeWaiting(r)
	}
}

// promisedSince is since when it owes progress: where only the policy says so,
// since it was first heard.
func (r *source) promisedSince() Time {
	if r.Promised != 0 {
		return r.Promised
	}
	return r.FirstHeard
}

// owesProgress reports whether the source promises progress: it is awaited, and
// its silence means that it is blind.
func (s *step) owesProgress(r *source) bool {
	set := s.pol.Sources[r.URI]
	switch {
	case s.retired(r.URI):
		return false
	case set.Progress != nil:
		return *set.Progress
	}
	return r.Proven || r.Caps.Progress
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
			if r := s.source(w.Source); r != nil && w.Due < r.Woken {
				s.sourceOrNew(w.Source).Woken = w.Due
			}
		}
	}
}

// wakeWaiting judges again what waited for this source's progress, or for a source
// that is gone. It notes who is first, so that the next search does not pass all who
// waited before.
func (s *step) wakeWaiting(r *source) {
	until := r.Progress
	if !s.attests(r.URI) {
		until = Forever
	}
	prefix := prefixOf(indexWait, r.URI)
	var owners []string
	first := Forever
	s.st.Scan(prefix, append(slices.Clone(prefix), timeKey(r.Woken)...), func(k, _ []byte) bool {
		rest := string(k[len(prefix):])
		due := timeFromKey(rest)
		first = min(first, due)
		if due > until {
			return false
		}
		owners = append(owners, rest[8:])
		return len(owners) <= s.budget
	})
	if first != r.Woken {
		s.sourceOrNew(r.URI).Woken = first
	}
	for _, o := range owners {
		if s.budget <= 0 {
			s.addJob(job{Kind: jobWaits, Prefix: r.URI})
			return
		}
		s.budget -= s.weightOf(o)
		s.touch(o)
	}
}
