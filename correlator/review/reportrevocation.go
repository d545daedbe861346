package review

import (
	"slices"
	"time"

	"github.com/overstay/overstay/correlator"
)

// overdue is how long after its right one access was held.
type overdue struct {
	took time.Duration // so far, where it is open
	open bool
}

// byRight gathers, by system ("" for all), how long access was held after its right
// had ended.
type byRight map[string]*rights

type rights struct {
	took  []overdue
	bases map[correlator.Basis]int
}

func (b byRight) add(system string, d overdue, basis correlator.Basis) {
	for _, s := range []string{"", system} {
		r := b[s]
		if r == nil {
			r = &rights{bases: map[correlator.Basis]int{}}
			b[s] = r
		}
		r.took = append(r.took, d)
		if !d.open {
			r.bases[basis]++
		}
	}
}

// revocations measures, by system, how long it took until access was over whose
// right ended in the period; the first row is of all systems.
func (b byRight) revocations() []Revocation {
	out := []Revocation{}
	for system, r := range b {
		out = append(out, revocationOf(system, r.took, r.bases))
	}
	slices.SortFunc(out, func(a, b Revocation) int {
		if a.System < b.System {
			return -1
		}
		return 1
	})
	return out
}

// overdue measures one stretch; ok is false where no approval granted it, or where
// its right did not end in the period.
func (c *collection) overdue(st correlator.StretchView) (d overdue, ok bool) {
	var right correlator.Time
	granted := false
	for _, cv := range st.Covers {
		if cv.Full && cv.From < cv.To && cv.From < st.End && cv.To > st.Start {
			right = max(right, cv.To)
			granted = granted || cv.Grants
		}
	}
	now := c.view.Now()
	if !granted || !c.in(right) || right > now {
		return d, false
	}
	end := min(st.End, now)
	return overdue{max(0, end.Sub(right)), st.End == correlator.Forever}, true
}

func revocationOf(system string, all []overdue, bases map[correlator.Basis]int) Revocation {
	slices.SortFunc(all, func(a, b overdue) int {
		switch {
		case a.open != b.open:
			if a.open {
				return 1
			}
			return -1
		case a.took < b.took:
			return -1
		case a.took > b.took:
			return 1
		}
		return 0
	})
	r := Revocation{System: system, Due: len(all), Bases: bases}
	for _, d := range all {
		switch {
		case d.open:
			r.Open++
			r.LongestOpen = max(r.LongestOpen, seconds(d.took))
		case d.took == 0:
			r.InTime++
		default:
			r.Late++
		}
	}
	r.P50, r.P90, r.P95, r.P99, r.Max = nearestRank(all, 50), nearestRank(all, 90), nearestRank(all, 95), nearestRank(all, 99), nearestRank(all, 100)
	return r
}

// nearestRank is the ⌈p/100·n⌉-th smallest of values in order.
func nearestRank(ordered []overdue, p int) Quantile {
	rank := (p*len(ordered) + 99) / 100
	d := ordered[max(rank, 1)-1]
	if d.open {
		return Quantile{Open: true}
	}
	return Quantile{Seconds: seconds(d.took)}
}
