package observe

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// The labels, all of them. Their values come from fixed vocabularies, except
// source, which [ages] bounds.
const (
	labelClass    = attribute.Key("class")
	labelResult   = attribute.Key("result")
	labelRule     = attribute.Key("rule")
	labelSeverity = attribute.Key("severity")
	labelState    = attribute.Key("state")
	labelSource   = attribute.Key("source")
	labelReason   = attribute.Key("reason")
)

// Metrics holds every instrument. Its methods are safe from several goroutines
// and never block on an exporter.
type Metrics struct {
	received, applied, alerts, quarantined metric.Int64Counter
	ingestLatency, alertLatency            metric.Float64Histogram
	lag, openAccesses, armedTimers, outbox metric.Int64Gauge
	overdue                                metric.Float64Gauge
	ages                                   *ages
}

// latencies are the buckets in seconds: fine where §11 of the design promises
// something (25 and 100 ms), coarse where only "too long" matters.
var latencies = metric.WithExplicitBucketBoundaries(
	.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300)

// NewMetrics makes the instruments on a meter. now is the clock that ages are
// told by.
func NewMetrics(meter metric.Meter, now func() time.Time) (*Metrics, error) {
	b := builder{meter: meter}
	m := &Metrics{
		received:      b.counter("overstay_received_events", "{event}", "Events that came to the gateway or a connector."),
		applied:       b.counter("overstay_applied_events", "{event}", "Log messages that the correlator has applied."),
		alerts:        b.counter("overstay_alerts", "{alert}", "Alert revisions that were published."),
		quarantined:   b.counter("overstay_quarantined_events", "{event}", "Log messages that could not be read and were set aside."),
		ingestLatency: b.histogram("overstay_ingest_latency", "From taking events in to the log's acknowledgement."),
		alertLatency:  b.histogram("overstay_alert_latency", "From when an alert was due to when it was published."),
		lag:           b.gauge("overstay_log_lag", "{message}", "Log positions that the correlator is behind."),
		openAccesses:  b.gauge("overstay_open_accesses", "{access}", "Accesses that are open."),
		armedTimers:   b.gauge("overstay_armed_timers", "{timer}", "Timers that wait for their time."),
		outbox:        b.gauge("overstay_outbox_depth", "{alert}", "Alert revisions that wait to be published."),
		overdue:       b.seconds("overstay_overdue", "How long the most overdue timer is past its time; 0 when none is."),
		ages:          newAges(now),
	}
	b.observe("overstay_source_progress_age", "Since the time that a source last said it had reported everything up to.", m.ages.report)
	return m, errors.Join(b.errs...)
}

// EventReceived counts an event at the way in, by class and by what came of it.
func (m *Metrics) EventReceived(class, result string) {
	m.received.Add(context.Background(), 1, metric.WithAttributes(labelClass.String(class), labelResult.String(result)))
}

// EventApplied counts a log message that the correlator is done with.
func (m *Metrics) EventApplied(class, result string) {
	m.applied.Add(context.Background(), 1, metric.WithAttributes(labelClass.String(class), labelResult.String(result)))
}

// EventQuarantined counts a log message that could not be read; reason is one
// of the decoder's.
func (m *Metrics) EventQuarantined(reason string) {
	m.quarantined.Add(context.Background(), 1, metric.WithAttributes(labelReason.String(reason)))
}

// Ingested takes how long the log took to acknowledge one append.
func (m *Metrics) Ingested(latency time.Duration) {
	m.ingestLatency.Record(context.Background(), latency.Seconds())
}

// AlertPublished counts a revision and takes how long after its due time it was
// published.
func (m *Metrics) AlertPublished(rule, severity, state string, latency time.Duration) {
	ctx := context.Background()
	m.alerts.Add(ctx, 1, metric.WithAttributes(labelRule.String(rule), labelSeverity.String(severity), labelState.String(state)))
	m.alertLatency.Record(ctx, latency.Seconds(), metric.WithAttributes(labelRule.String(rule)))
}

// SetLag says how many log positions the correlator is behind.
func (m *Metrics) SetLag(positions int64) { m.lag.Record(context.Background(), positions) }

// SetOpenAccesses says how many accesses are open.
func (m *Metrics) SetOpenAccesses(n int64) { m.openAccesses.Record(context.Background(), n) }

// SetArmedTimers says how many timers wait.
func (m *Metrics) SetArmedTimers(n int64) { m.armedTimers.Record(context.Background(), n) }

// SetOutboxDepth says how many revisions wait to be published.
func (m *Metrics) SetOutboxDepth(n int64) { m.outbox.Record(context.Background(), n) }

// SetOverdue says how far the most overdue timer is past its time.
func (m *Metrics) SetOverdue(d time.Duration) {
	m.overdue.Record(context.Background(), max(0, d).Seconds())
}

// SetSourceProgressAge says how old a source's progress is now. The age goes on
// growing by itself until the next call, so that an engine that stands still
// shows as one.
func (m *Metrics) SetSourceProgressAge(source string, age time.Duration) { m.ages.set(source, age) }

// builder makes instruments and keeps their errors, so that the list above
// reads as a list.
type builder struct {
	meter metric.Meter
	errs  []error
}

func (b *builder) keep(err error) {
	if err != nil {
		b.errs = append(b.errs, err)
	}
}

func (b *builder) counter(name, unit, what string) metric.Int64Counter {
	c, err := b.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
	b.keep(err)
	return c
}

func (b *builder) gauge(name, unit, what string) metric.Int64Gauge {
	g, err := b.meter.Int64Gauge(name, metric.WithUnit(unit), metric.WithDescription(what))
	b.keep(err)
	return g
}

func (b *builder) seconds(name, what string) metric.Float64Gauge {
	g, err := b.meter.Float64Gauge(name, metric.WithUnit("s"), metric.WithDescription(what))
	b.keep(err)
	return g
}

func (b *builder) histogram(name, what string) metric.Float64Histogram {
	h, err := b.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what), latencies)
	b.keep(err)
	return h
}

func (b *builder) observe(name, what string, report metric.Float64Callback) {
	_, err := b.meter.Float64ObservableGauge(name, metric.WithUnit("s"), metric.WithDescription(what),
		metric.WithFloat64Callback(report))
	b.keep(err)
}
