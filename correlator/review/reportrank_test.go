package review

import (
	"testing"
	"time"
)

func TestNearestRank(t *testing.T) {
	took := func(seconds ...int) (all []overdue) {
		for _, s := range seconds {
			if s < 0 {
				all = append(all, overdue{time.Duration(-s) * time.Second, true})
				continue
			}
			all = append(all, overdue{time.Duration(s) * time.Second, false})
		}
		return all
	}
	for _, tt := range []struct {
		all  []overdue
		p    int
		want Quantile
	}{
		{took(7), 50, Quantile{Seconds: 7}},
		{took(1, 2, 3, 4), 50, Quantile{Seconds: 2}},
		{took(1, 2, 3, 4), 51, Quantile{Seconds: 3}},
		{took(1, 2, 3, 4), 100, Quantile{Seconds: 4}},
		{took(15, 20, 35, 40, 50), 30, Quantile{Seconds: 20}}, // the example of Wikipedia, "Percentile"
		{took(15, 20, 35, 40, 50), 40, Quantile{Seconds: 20}},
		{took(0, 0, 0, -5), 75, Quantile{Seconds: 0}},
		{took(0, 0, 0, -5), 76, Quantile{Open: true}},
	} {
		if got := nearestRank(tt.all, tt.p); got != tt.want {
			t.Errorf("p%d of %v is %+v, not %+v", tt.p, tt.all, got, tt.want)
		}
	}
	// What is open is longer than any, however short so far.
	r := revocationOf("", took(-1, 9, 0), nil)
	if r.Max != (Quantile{Open: true}) || r.P50 != (Quantile{Seconds: 9}) || r.InTime != 1 || r.Late != 1 || r.Open != 1 || r.LongestOpen != 1 {
		t.Errorf("%+v", r)
	}
}
