package correlator

import (
	"slices"
	"time"

	"github.com/overstay/overstay/events"
)

// seqRun is a run of sequence numbers without a hole.
type seqRun struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// maxRuns bounds the holes remembered of one source. Beyond it the oldest runs
// merge, which forgets that there was a hole between them, not that there is one.
const maxRuns = 64

const (
	// holeSettle is how long events that overtook others are no hole.
	holeSettle = 5 * time.Second
	// lossHold is how long lost events leave their source in doubt: by then a
	// complete snapshot or a reviewer has made up for them, or nothing will.
	lossHold = 24 * time.Hour
)

// number takes a sequence number in. A new epoch starts afresh: a restart is not
// a hole.
func (r *source) number(q events.Sequence, now Time) {
	if q.IsZero() || q.Epoch < r.Epoch {
		return
	}
	if q.Epoch > r.Epoch {
		r.Epoch, r.Ranges, r.Sent, r.HoleAt = q.Epoch, nil, 0, 0
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
	r.noteHole(now)
}

// sent takes in how many events the source says that it has sent; q is the number
// of the event that says so. Without numbers nobody can tell what is missing.
func (r *source) sent(q events.Sequence, count uint64, now Time) {
	if q.IsZero() || q.Epoch != r.Epoch {
		return
	}
	r.Sent = max(r.Sent, count)
	r.noteHole(now)
}

// noteHole compares what arrived with what was sent.
func (r *source) noteHole(now Time) {
	n := len(r.Ranges)
	switch {
	case n == 1 && r.Sent <= r.Ranges[0].To:
		r.HoleAt = 0
	case r.HoleAt == 0:
		r.HoleAt = now
	}
}

// doubted reports whether something that the source sent is missing or could not
// be read: then its progress proves nothing.
func (r *source) doubted(now Time) bool {
	return r.HoleAt != 0 && now < r.HoleAt.Add(lossHold) || r.Quarantined != 0 && now < r.Quarantined.Add(lossHold)
}

// forgive stops waiting for what was lost too long ago to come.
func (r *source) forgive(now Time) (forgiven bool) {
	if n := len(r.Ranges); r.HoleAt != 0 && n > 0 && now >= r.HoleAt.Add(lossHold) {
		r.Ranges = []seqRun{{r.Ranges[0].From, max(r.Ranges[n-1].To, r.Sent)}}
		r.HoleAt, forgiven = 0, true
	}
	if r.Quarantined != 0 && now >= r.Quarantined.Add(lossHold) {
		r.Quarantined, forgiven = 0, true
	}
	return forgiven
}
