package bench

import (
	"fmt"
	"strings"
	"time"
)

// outlook says how long it is likely to take.
func (o Options) outlook() string {
	var all time.Duration
	var parts []string
	for _, p := range o.Parts {
		d := o.likely(p)
		all += d
		parts = append(parts, p+" "+about(d))
	}
	return fmt.Sprintf("it takes about %s on two cores that do nothing else: %s", about(all), strings.Join(parts, ", "))
}

// likely is how long a part took, by the size of its load, on the machine that the
// figures in docs/performance.md are of; what is filled for several parts counts once.
func (o Options) likely(part string) time.Duration {
	events, open := time.Duration(o.Events), time.Duration(o.Open)
	switch part {
	case "live":
		return events * 350 * time.Microsecond
	case "replay":
		return events * 150 * time.Microsecond
	case "memory":
		return open * 150 * time.Microsecond
	case "restart":
		return 10*time.Second + open*10*time.Microsecond
	case "timers":
		return open * 100 * time.Microsecond
	case "latency":
		return 50 * time.Second
	case "hot-subject":
		return events * 40 * time.Microsecond
	case "growth":
		return 30*time.Second + open*150*time.Microsecond
	}
	return 0
}

// about is a time without the digits that nobody knows.
func about(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", max(d.Round(5*time.Second), 5*time.Second)/time.Second)
	}
	return fmt.Sprintf("%d min", (d+30*time.Second)/time.Minute)
}
