package observe

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
)

// maxSources bounds the label source: a client of the gateway may make up
// sources within what it may speak for. What is beyond shares one series with
// the oldest age among it.
const (
	maxSources   = 1000
	otherSources = "other"
)

// ages remembers since when each source has been without progress.
type ages struct {
	now   func() time.Time
	mu    sync.Mutex
	since map[string]time.Time
}

func newAges(now func() time.Time) *ages {
	return &ages{now: now, since: map[string]time.Time{}}
}

func (a *ages) set(source string, age time.Duration) {
	since := a.now().Add(-age)
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.since[source]; known || len(a.since) < maxSources {
		a.since[source] = since
		return
	}
	if other, ok := a.since[otherSources]; !ok || since.Before(other) {
		a.since[otherSources] = since
	}
}

// report is the metric's callback.
func (a *ages) report(_ context.Context, o metric.Float64Observer) error {
	now := a.now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for source, since := range a.since {
		o.Observe(max(0, now.Sub(since)).Seconds(), metric.WithAttributes(labelSource.String(source)))
	}
	return nil
}
