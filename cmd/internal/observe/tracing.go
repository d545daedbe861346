package observe

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/overstay/overstay/events"
)

// Tracing makes the spans of an event's way: ingest, apply, publish. They hang
// on the trace that the event's traceparent names. CloudEvents' distributed
// tracing extension keeps there where the trace began, so the three are
// siblings rather than a chain; an event without one gets its ingest span's.
type Tracing struct{ tracer trace.Tracer }

// End ends a span; an error that is not nil marks it as failed.
type End func(error)

// Ingest begins the span of taking an event in and returns the traceparent that
// the event must carry: its own, or that of the new span.
func (t *Tracing) Ingest(ctx context.Context, ev *events.Event) (context.Context, string, End) {
	ctx, end := t.begin(Continue(ctx, ev.TraceParent), "ingest", trace.SpanKindProducer, eventAttributes(ev)...)
	if ev.TraceParent != "" {
		return ctx, ev.TraceParent, end
	}
	return ctx, TraceParent(ctx), end
}

// Apply begins the span of applying an event to the state.
func (t *Tracing) Apply(ctx context.Context, ev *events.Event) (context.Context, End) {
	return t.begin(Continue(ctx, ev.TraceParent), "apply", trace.SpanKindConsumer, eventAttributes(ev)...)
}

// Publish begins the span of publishing an alert's revision, in the trace of
// the event that caused it. The alert's message carries [TraceParent] of the
// context in a header, never in its body, which must replay byte for byte.
func (t *Tracing) Publish(ctx context.Context, traceparent, rule string) (context.Context, End) {
	return t.begin(Continue(ctx, traceparent), "publish", trace.SpanKindProducer, attribute.String("overstay.rule", rule))
}

func (t *Tracing) begin(ctx context.Context, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (context.Context, End) {
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// eventAttributes name an event without saying whom it is about.
func eventAttributes(ev *events.Event) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("cloudevents.event_type", string(ev.Type)),
		attribute.String("cloudevents.event_source", ev.Source),
		attribute.String("cloudevents.event_id", ev.ID),
	}
}

const traceHeader = "traceparent"

// Continue puts the trace that a W3C traceparent names into the context. One
// that is empty or malformed leaves it as it was.
func Continue(ctx context.Context, traceparent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceHeader: traceparent})
}

// TraceParent is the context's trace as a W3C traceparent, "" where there is none.
func TraceParent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceHeader]
}

// Span begins a span that continues the trace of a traceparent.
func (t *Tracing) Span(ctx context.Context, name, traceparent string) (context.Context, End) {
	return t.begin(Continue(ctx, traceparent), name, trace.SpanKindInternal)
}
