package observe

import (
	"context"
	"log/slog"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The SDK hands export errors to a process-wide handler. These two hand them to
// our logger instead, and report success, since nobody else could do better.

type loggedSpans struct {
	sdktrace.SpanExporter
	log *slog.Logger
}

func (e *loggedSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.WarnContext(ctx, "traces not exported", "spans", len(spans), "error", err)
	}
	return nil
}

type loggedMetrics struct {
	sdkmetric.Exporter
	log *slog.Logger
}

func (e *loggedMetrics) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if err := e.Exporter.Export(ctx, rm); err != nil {
		e.log.WarnContext(ctx, "metrics not exported", "error", err)
	}
	return nil
}
