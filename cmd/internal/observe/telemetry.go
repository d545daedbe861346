package observe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// scope names our instruments and spans.
const scope = "github.com/overstay/overstay"

// Options say where telemetry goes besides /metrics.
type Options struct {
	Version string
	// OTLP is the base URL of an OTLP/HTTP receiver, "http://127.0.0.1:4318";
	// empty: none. Headers and certificates are taken from the standard
	// OTEL_EXPORTER_OTLP_* environment variables, which keeps secrets out of
	// the configuration.
	OTLP string
	// Sample is the share of new traces that is kept, in (0, 1]; 0 means all.
	// A trace that comes in with an event is kept when its maker kept it.
	Sample float64
	Log    *slog.Logger
}

// Telemetry is what [Start] made.
type Telemetry struct {
	Metrics  *Metrics
	Tracing  *Tracing
	registry *prometheus.Registry
	closers  []func(context.Context) error
}

// Start makes the providers. A receiver that is away is no error: exports are
// tried again, and what fails is logged.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t := &Telemetry{registry: prometheus.NewRegistry()}
	about := resource.NewSchemaless(
		attribute.String("service.name", "overstay"), attribute.String("service.version", o.Version))
	tracer, err := t.startTraces(ctx, o, about)
	if err != nil {
		return nil, err
	}
	t.Tracing = &Tracing{tracer}
	if err := t.startMetrics(ctx, o, about); err != nil {
		return nil, errors.Join(err, t.Shutdown(ctx))
	}
	return t, nil
}

func (o *Options) check() error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Sample < 0 || o.Sample > 1 {
		return fmt.Errorf("telemetry: sample is %v, not between 0 and 1", o.Sample)
	}
	if o.OTLP == "" {
		return nil
	}
	u, err := url.Parse(o.OTLP)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("telemetry: the OTLP endpoint is not a URL such as http://127.0.0.1:4318")
	}
	if u.User != nil {
		return errors.New("telemetry: the OTLP endpoint holds a password: set OTEL_EXPORTER_OTLP_HEADERS instead")
	}
	return nil
}

func (t *Telemetry) startTraces(ctx context.Context, o Options, about *resource.Resource) (trace.Tracer, error) {
	if o.OTLP == "" {
		// Passes on the trace that an event brings, and makes none.
		return noop.NewTracerProvider().Tracer(scope), nil
	}
	endpoint, err := url.JoinPath(o.OTLP, "v1/traces")
	if err != nil {
		return nil, fmt.Errorf("telemetry: OTLP endpoint: %w", err)
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
	if err != nil {
		return nil, fmt.Errorf("telemetry: start OTLP traces: %w", err)
	}
	sampler := sdktrace.AlwaysSample()
	if o.Sample > 0 {
		sampler = sdktrace.TraceIDRatioBased(o.Sample)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(about),
		sdktrace.WithSampler(sdktrace.ParentBased(sampler)),
		sdktrace.WithBatcher(&loggedSpans{exporter, o.Log}))
	t.closers = append(t.closers, provider.Shutdown)
	return provider.Tracer(scope, trace.WithInstrumentationVersion(o.Version)), nil
}

func (t *Telemetry) startMetrics(ctx context.Context, o Options, about *resource.Resource) error {
	page, err := otelprom.New(otelprom.WithRegisterer(t.registry), otelprom.WithoutScopeInfo(), otelprom.WithoutTargetInfo())
	if err != nil {
		return fmt.Errorf("telemetry: start the Prometheus exporter: %w", err)
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(about), sdkmetric.WithReader(page)}
	if o.OTLP != "" {
		endpoint, err := url.JoinPath(o.OTLP, "v1/metrics")
		if err != nil {
			return fmt.Errorf("telemetry: OTLP endpoint: %w", err)
		}
		exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(endpoint))
		if err != nil {
			return fmt.Errorf("telemetry: start OTLP metrics: %w", err)
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(&loggedMetrics{exporter, o.Log})))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	t.closers = append(t.closers, provider.Shutdown)
	if t.Metrics, err = NewMetrics(provider.Meter(scope), time.Now); err != nil {
		return fmt.Errorf("telemetry: make instruments: %w", err)
	}
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := t.registry.Register(c); err != nil {
			return fmt.Errorf("telemetry: register the process's own metrics: %w", err)
		}
	}
	return nil
}

// Handler is /metrics.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Shutdown sends what is left, within ctx, and closes the exporters.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var errs []error
	for i := len(t.closers) - 1; i >= 0; i-- {
		errs = append(errs, t.closers[i](ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("telemetry: shut down: %w", err)
	}
	return nil
}
