package draw

import "time"

// axis maps time to a place between 0 and 1.
type axis struct{ from, to time.Time }

// at is the place of a time; outside of the range it is below 0 or above 1.
func (a axis) at(t time.Time) float64 {
	return float64(t.Sub(a.from)) / float64(a.to.Sub(a.from))
}

// tick is a labelled place on an axis.
type tick struct {
	at    time.Time
	label string
	// day is set where a day begins with it, or with the axis.
	day string
}

// steps are the distances between ticks that read well.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 14 * day,
}

const day = 24 * time.Hour

// ticks are at most so many ticks, in order, at round times.
func (a axis) ticks(most int) []tick {
	for _, step := range steps {
		if a.to.Sub(a.from)/step > time.Duration(most) {
			continue
		}
		var out []tick
		for t := a.from.Truncate(step); !t.After(a.to); t = t.Add(step) {
			if !t.Before(a.from) {
				out = append(out, tick{at: t, label: tickLabel(t, step)})
			}
		}
		if len(out) <= most {
			return withDays(a, out, step)
		}
	}
	for _, months := range []int{1, 2, 3, 6, 12, 24, 60, 120, 600} {
		var out []tick
		first := time.Date(a.from.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		for t := first; !t.After(a.to); t = t.AddDate(0, months, 0) {
			if !t.Before(a.from) {
				out = append(out, tick{at: t, label: t.Format("Jan 2006")})
			}
		}
		if len(out) <= most {
			return out
		}
	}
	return nil
}

func tickLabel(t time.Time, step time.Duration) string {
	switch {
	case step >= day:
		return t.Format("Jan 2")
	case step < time.Minute:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

// withDays notes where a day begins: there, and at the first tick, the date is said.
func withDays(a axis, ticks []tick, step time.Duration) []tick {
	before := time.Time{}
	for i := range ticks {
		t := ticks[i].at
		switch {
		case step >= day && t.Year() != before.Year():
			ticks[i].day = t.Format("2006")
		case step < day && t.Format(time.DateOnly) != before.Format(time.DateOnly):
			ticks[i].day = t.Format("Mon 2 Jan 2006")
		}
		before = t
	}
	return ticks
}
