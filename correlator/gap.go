package correlator

import (
	"slices"
	"time"
)

// Gap is a time in which access was held and no window covered it.
type Gap struct {
	Interval
	Unc time.Duration // both clocks' uncertainty
	// After is the granting window that ended last before the gap, nil if none.
	After *cover
	// Until is the approval whose window covered the access up to the gap,
	// where that is another than After's.
	Until approvalKey
	// Carried: a renewal, reissue or chain took the access past After's end.
	Carried bool
	// Ratified: a decision made after the fact covers the gap.
	Ratified bool
	// Alive is whether there is evidence of life inside the gap.
	Alive bool
	Used  bool
}

// gapsOf subtracts the windows from what of the stretch is not judged for good.
func (s *step) gapsOf(x *access, st *Stretch, grace time.Duration) []Gap {
	var buf [3][8]Interval // an access has few windows and fewer gaps
	effective, nominal := buf[0][:0], buf[1][:0]
	unc := st.Unc + x.FloorUnc
	for _, cv := range st.Covers {
		if !cv.Full {
			continue
		}
		effective = append(effective, Interval{cv.From, cv.To})
		nominal = append(nominal, Interval{cv.Nominal, cv.To})
		unc = max(unc, st.Unc+cv.unc)
	}
	exposed := subtract(buf[2][:0], Interval{max(st.Start, x.Floor), st.End}, effective)
	gaps := slices.Grow([]Gap(nil), len(exposed))
	for _, i := range exposed {
		g := Gap{Interval: i, Unc: unc}
		var left [2]Interval
		g.Ratified = len(subtract(left[:0], i, nominal)) == 0
		g.After = grantBefore(st.Covers, i.From)
		g.Carried = g.After != nil && st.carried(i, g.From.Add(grace))
		g.Until = st.coveredUntil(&g)
		g.Alive, g.Used = st.livedIn(i, actAlive, actRenew, actStart, actUse), st.livedIn(i, actUse)
		gaps = append(gaps, g)
	}
	return gaps
}

// livedIn reports whether a sign of life of these kinds lies behind the beginning
// of a gap, and before the cover that ends it.
func (e *Episode) livedIn(gap Interval, kinds ...actKind) bool {
	return slices.ContainsFunc(e.Signs, func(s sign) bool {
		return gap.From < s.T && (s.T < gap.To || s.T == e.End) && slices.Contains(kinds, s.Kind)
	})
}

// settle leaves out the windows that bear on nothing after the time up to which
// the stretch is judged for good: what was granted before it counts only as the
// last grant.
func (st *Stretch) settle(floor Time) {
	if floor == 0 {
		return
	}
	if st.End <= floor {
		st.Covers = nil
		return
	}
	last := grantBefore(st.Covers, floor)
	keep := func(c cover) bool { return c.To >= floor || last != nil && c.same(last.Window) && c.Grants }
	st.Covers = slices.DeleteFunc(slices.Clone(st.Covers), func(c cover) bool { return !keep(c) })
}

// grantBefore is the granting window that ended last, at t or before.
func grantBefore(covers []cover, t Time) *cover {
	var best *cover
	for i := range covers {
		c := &covers[i]
		if !c.Grants || !c.Full || c.To > t {
			continue
		}
		if best == nil || c.To > best.To || c.To == best.To && c.Approval < best.Approval {
			best = c
		}
	}
	return best
}

// coveredUntil is the approval that covered the access up to a gap though it did
// not grant it, "" where the granting one did.
func (st *Stretch) coveredUntil(g *Gap) approvalKey {
	var by approvalKey
	for _, c := range st.Covers {
		if !c.Full || c.To != g.From || c.From >= c.To {
			continue
		}
		if g.After == nil || c.Approval == g.After.Approval {
			return ""
		}
		by = c.Approval
	}
	return by
}

// carried reports whether something other than the issue took the access past
// the end of its window: it was made after it, renewed after it, or renewed to
// beyond it although the issue would have ended in time. What was renewed when it
// was covered again carried nothing into the gap.
func (st *Stretch) carried(gap Interval, graceEnd Time) bool {
	if st.Start >= gap.From || st.livedIn(gap, actRenew) {
		return true
	}
	issue := Forever
	for i, e := range st.Expiries {
		if i == 0 && !e.Renew && e.Exp != 0 {
			issue = e.Exp
			continue
		}
		if e.Renew && e.T <= gap.From && e.Exp > graceEnd && issue <= graceEnd {
			return true
		}
	}
	return false
}
