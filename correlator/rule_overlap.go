package correlator

import (
	"fmt"
	"strings"

	"github.com/overstay/overstay/events"
)

// OV-020: two windows for one access overlap, and the end of one removed what the
// other still gave, or the end of neither removed it.
var ruleOverlap = Rule{
	ID: "OV-020", Name: "overlap-conflict", Title: "Overlapping approvals conflict", Default: false, Severity: Low,
	Controls: []string{"800-53:AC-2"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		if strings.HasPrefix(f.Note, lostNote) {
			return fmt.Sprintf("%s lost %s at %s with the end of%s, %s", a.who(f), a.things(f), f.From, a.ofApproval(), f.Note)
		}
		return fmt.Sprintf("%s %s %s after%s, %s", a.who(f), f.held(past), a.things(f), a.ofApproval(), f.Note)
	},
	access: func(c *Case) []Finding {
		out := overruns(c, func(Gap) bool { return true })
		kept := out[:0]
		for _, f := range out {
			if o := c.overlapping(f); o != nil {
				_, other := o.Approval.split()
				f.Note = fmt.Sprintf("which overlapped with approval %s until %s: the end of neither removed it", other, o.To)
				f.gap = Interval{} // another alert tells of the gap
				f.Severity = Low
				kept = append(kept, f)
			}
		}
		for i, st := range c.Stretches {
			if f, ok := c.lost(i, st); ok {
				kept = append(kept, f)
			}
		}
		return kept
	},
}

// lostNote begins the note of an access that the end of a window removed.
const lostNote = "although "

// overlapping is the granting window of another approval that overlapped with the
// one after which an overrun began; the one that ended last.
func (c *Case) overlapping(f Finding) *cover {
	var best *cover
	for _, st := range c.Stretches {
		if f.From < st.Start || f.From > st.End {
			continue
		}
		after := grantBefore(st.Covers, f.From)
		for i := range st.Covers {
			o := &st.Covers[i]
			if after == nil || !o.Grants || !o.Full || o.Approval == after.Approval || o.From >= after.To || after.From >= o.To || o.To > f.From {
				continue
			}
			if best == nil || o.To > best.To || o.To == best.To && o.Approval < best.Approval {
				best = o
			}
		}
	}
	return best
}

// lost finds the end of an access with the end of one window while another was to
// go on: somebody took it away, about when a window ended.
func (c *Case) lost(i int, st Stretch) (Finding, bool) {
	if st.Open() || !takenAway(st.Cause) || basisRank[st.Basis] < basisRank[Claimed] {
		return Finding{}, false
	}
	near := c.Grace + st.Unc
	var ended, goesOn *cover
	for j := range st.Covers {
		o := &st.Covers[j]
		switch {
		case !o.Full:
		case o.To.Add(-near) <= st.End && st.End <= o.To.Add(near):
			if ended == nil || o.To < ended.To {
				ended = o
			}
		case o.From <= st.End && st.End < o.To:
			if goesOn == nil || o.To > goesOn.To {
				goesOn = o
			}
		}
	}
	if ended == nil || goesOn == nil || ended.Approval == goesOn.Approval {
		return Finding{}, false
	}
	_, other := goesOn.Approval.split()
	f := Finding{
		Approval: ended.Approval, From: st.End, To: Forever, Due: max(st.End, ended.To.Add(near)),
		Note: fmt.Sprintf("%sapproval %s gives it until %s", lostNote, other, goesOn.To),
	}
	switch {
	case i+1 < len(c.Stretches) && c.Stretches[i+1].Start < goesOn.To:
		f.To, f.Closed = c.Stretches[i+1].Start, ClosedOtherwise
	case goesOn.To <= c.Now:
		f.To, f.Closed = goesOn.To, ClosedEnded
	case goesOn.To != Forever:
		f.Again = goesOn.To
	}
	return f, true
}

// takenAway reports whether somebody ended an access, who is not its holder.
func takenAway(cause events.EndCause) bool {
	switch cause {
	case events.CauseClosed, events.CauseExpired, events.CauseCascade:
		return false
	}
	return true
}
