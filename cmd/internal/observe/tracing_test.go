package observe

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/overstay/overstay/events"
)

const (
	traceID = "11111111111111111111111111111111"
	origin  = "00-" + traceID + "-2222222222222222-01"
)

// From ingest over apply to publish, everything hangs on the trace with which
// the event came, and the event keeps it.
func TestSpansContinueTheEventsTrace(t *testing.T) {
	kept := tracetest.NewSpanRecorder()
	tracing := &Tracing{sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(kept)).Tracer("test")}
	ev := events.Event{Type: events.LeaseIssued, Source: "vault://prod", ID: "1", Subject: "vault/prod:alice", TraceParent: origin}

	_, carried, end := tracing.Ingest(t.Context(), &ev)
	end(nil)
	if carried != origin {
		t.Errorf("the event carries %q, want its own %q", carried, origin)
	}
	_, end = tracing.Apply(t.Context(), &ev)
	end(nil)
	ctx, end := tracing.Publish(t.Context(), ev.TraceParent, "OV-001")
	end(errors.New("no answer"))
	if got := TraceParent(ctx); !strings.HasPrefix(got, "00-"+traceID+"-") || got == origin {
		t.Errorf("the alert's header is %q", got)
	}

	var names []string
	for _, s := range kept.Ended() {
		names = append(names, s.Name())
		if s.SpanContext().TraceID().String() != traceID || s.Parent().SpanID().String() != "2222222222222222" {
			t.Errorf("%s is in trace %s below %s", s.Name(), s.SpanContext().TraceID(), s.Parent().SpanID())
		}
		for _, a := range s.Attributes() {
			if strings.Contains(a.Value.AsString(), "alice") {
				t.Errorf("%s says whom it is about: %v", s.Name(), a)
			}
		}
	}
	if got := strings.Join(names, " "); got != "ingest apply publish" {
		t.Errorf("spans %q", got)
	}
	if kept.Ended()[2].Status().Code != codes.Error {
		t.Error("the failed publish is not marked")
	}
}

// An event without a trace gets that of its ingest.
func TestIngestBeginsATrace(t *testing.T) {
	kept := tracetest.NewSpanRecorder()
	tracing := &Tracing{sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(kept)).Tracer("test")}
	_, carried, end := tracing.Ingest(t.Context(), &events.Event{Type: events.LeaseIssued})
	end(nil)
	span := kept.Ended()[0].SpanContext()
	if want := "00-" + span.TraceID().String() + "-" + span.SpanID().String() + "-01"; carried != want {
		t.Errorf("the event carries %q, want %q", carried, want)
	}
}

// Without a receiver a trace passes through and none is made.
func TestTracingWithoutAReceiver(t *testing.T) {
	tracing := &Tracing{noop.NewTracerProvider().Tracer("test")}
	for _, tt := range []struct{ brought, want string }{{origin, origin}, {"", ""}, {"garbage", ""}} {
		ctx, end := tracing.Publish(t.Context(), tt.brought, "OV-001")
		end(nil)
		if got := TraceParent(ctx); got != tt.want {
			t.Errorf("%q goes out as %q, want %q", tt.brought, got, tt.want)
		}
	}
	if got := TraceParent(context.Background()); got != "" {
		t.Errorf("no trace is written as %q", got)
	}
}
