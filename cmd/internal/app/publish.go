package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/cmd/internal/observe"
	"github.com/overstay/overstay/connectors/httppush"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
)

// publisher is the one way into the log for everything from outside: it makes
// the message id, numbers traces, and returns after the log's acknowledgement.
type publisher struct {
	log     eventlog.Log
	metrics *observe.Metrics
	tracing *observe.Tracing
	fail    func(point string) error
}

// Publish implements httppush.Publisher.
func (p publisher) Publish(ctx context.Context, client string, evs []events.Event) error {
	began := time.Now()
	entries := make([]eventlog.Entry, len(evs))
	ends := make([]observe.End, len(evs))
	for i, ev := range evs {
		_, parent, end := p.tracing.Ingest(ctx, &ev)
		ev.TraceParent, ends[i] = parent, end
		header, body, err := events.EncodeNATS(ev)
		if err != nil {
			return fmt.Errorf("encode event %s: %w", ev.ID, err)
		}
		entries[i] = eventlog.Entry{Subject: events.SubjectOf(ev), Header: header, Body: body, MsgID: engine.MessageID(client, ev), Sender: client}
	}
	if err := p.fail(PointAppending); err != nil {
		return err
	}
	err := p.log.Append(ctx, entries)
	for _, end := range ends {
		end(err)
	}
	if errors.Is(err, eventlog.ErrFull) {
		return fmt.Errorf("%w: %w", httppush.ErrFull, err)
	}
	if err != nil {
		return fmt.Errorf("append %d events to the log: %w", len(evs), err)
	}
	p.metrics.Ingested(time.Since(began))
	return p.fail(PointAppended)
}

// connectorPublisher is a connector's own door: the client is its source.
type connectorPublisher struct {
	publisher
	uri string
}

// Publish implements runner.Publisher.
func (p connectorPublisher) Publish(ctx context.Context, evs []events.Event) error {
	err := p.publisher.Publish(ctx, p.uri, evs)
	result := httppush.ResultStored
	if err != nil {
		result = httppush.ResultUnavailable
	}
	for _, ev := range evs {
		p.metrics.EventReceived(ev.Type.Class(), result)
	}
	return err
}

// tracer lets the engine continue traces without knowing OpenTelemetry.
type tracer struct{ t *observe.Tracing }

// Span implements engine.Tracer.
func (t tracer) Span(name, traceparent string) (string, func(error)) {
	ctx, end := t.t.Span(context.Background(), name, traceparent)
	return observe.TraceParent(ctx), func(err error) { end(err) }
}
