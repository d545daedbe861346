package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/store/eventlog"
)

// The limits of what is published as one batch. The server takes 1,000 messages in
// one.
const (
	togetherMost  = 1000
	togetherBytes = 4 << 20
	// defaultTogether: a batch costs the server a folder and several syncs, as much as
	// so many messages that are published alone.
	defaultTogether = 24
)

// run publishes until ctx ends.
func (b *outbox) run(ctx context.Context) error {
	for ctx.Err() == nil {
		rows := b.next()
		if len(rows) == 0 {
			select {
			case <-b.changed:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		if err := b.publish(ctx, rows, b.publishWhenThereIsRoom); err != nil {
			return err
		}
	}
	return nil
}

// next are the rows whose turn it is: as many as go together, or one.
func (b *outbox) next() []row {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for size := 0; n < min(len(b.rows), togetherMost); n++ {
		if size += len(b.rows[n].Body) + rowBytes; size > togetherBytes && n > 0 {
			break
		}
	}
	if n < b.e.cfg.PublishTogether {
		n = min(n, 1)
	}
	return b.rows[:n:n]
}

// publish publishes rows together, or, where that does not go, one after the other.
// What is there already, what differs, a full stream and a lost answer are all
// judged there, row by row: a batch that was stored without our hearing of it is
// found there with the same bytes.
func (b *outbox) publish(ctx context.Context, rows []row, alone func(context.Context, row) error) error {
	if len(rows) > 1 {
		if done, err := b.publishTogether(ctx, rows); done || err != nil {
			return err
		}
	}
	for _, r := range rows {
		if ctx.Err() != nil {
			return nil // the callers look at it
		}
		if err := alone(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// publishTogether publishes all rows or none. Not done means that this is not known.
func (b *outbox) publishTogether(ctx context.Context, rows []row) (done bool, err error) {
	entries := make([]eventlog.Entry, len(rows))
	ends := make([]func(error), len(rows))
	for i, r := range rows {
		if r.err != nil {
			return false, nil // the rows before it go out alone, and it is reported
		}
		entries[i], ends[i] = b.traced(r)
	}
	if err := b.e.fail(PointBeforePublish); err != nil {
		return false, err
	}
	err = b.e.cfg.Alerts.PublishAll(ctx, entries)
	for _, end := range ends {
		end(err)
	}
	if err != nil {
		b.e.cfg.Logger.Debug("alerts are published one by one", "alerts", len(rows), "error", err)
		return false, nil
	}
	return true, b.published(rows...)
}

// roomEvery is how often a full alert stream is tried again.
const roomEvery = 5 * time.Second

// publishWhenThereIsRoom waits where the alert stream is full: what is to be told is
// in the outbox, and to end the process would end it again at the next start.
func (b *outbox) publishWhenThereIsRoom(ctx context.Context, r row) error {
	for said := false; ; said = true {
		err := b.publishAlone(ctx, r)
		if !errors.Is(err, eventlog.ErrFull) {
			notReady(&b.e.full, "")
			return err
		}
		notReady(&b.e.full, "the alert stream is full: nothing is told until there is room: "+err.Error())
		if !said {
			b.e.cfg.Logger.Error("the alert stream is full: nothing is told until there is room", "error", err)
		}
		select {
		case <-b.e.cfg.Clock.After(roomEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// publishAlone publishes one row, and decides where something else is in its place.
func (b *outbox) publishAlone(ctx context.Context, r row) error {
	if r.err != nil {
		return fmt.Errorf("encode the publication of position %d: %w", r.Seq, r.err)
	}
	if err := b.e.fail(PointBeforePublish); err != nil {
		return err
	}
	entry, end := b.traced(r)
	err := b.e.cfg.Alerts.Publish(ctx, entry)
	var different *eventlog.DifferentError
	if errors.As(err, &different) {
		err = b.adopt(ctx, r, different)
	}
	end(err)
	if err != nil {
		return fmt.Errorf("publish %s: %w", r.Subject, err)
	}
	return b.published(r)
}

// traced is the entry of a row, with its trace continued where it has one.
func (b *outbox) traced(r row) (entry eventlog.Entry, end func(error)) {
	entry, end = r.entry(), func(error) {}
	if r.TraceParent != "" && b.e.cfg.Tracer != nil {
		var next string
		next, end = b.e.cfg.Tracer.Span("publish "+r.Subject, r.TraceParent)
		entry.Header["traceparent"] = []string{next}
	}
	return entry, end
}

// published: the oldest rows are in the alert stream.
func (b *outbox) published(rows ...row) error {
	if err := b.e.fail(PointAfterPublish); err != nil {
		return err
	}
	if b.finish(rows) > 0 {
		return b.e.fail(PointBetweenPublications)
	}
	return nil
}

// AnchorHeader carries the hash of the message that a publication was caused by,
// by which it is seen whether the log still has it.
const AnchorHeader = "Overstay-Anchor"

// adopt decides about a revision that was published before with other bytes. By the
// same semantics in the same epoch of a log that is whole that is a contradiction,
// and the process stops; otherwise what is published stands.
func (b *outbox) adopt(ctx context.Context, r row, d *eventlog.DifferentError) error {
	ours, err := originOf(r.Body)
	if err != nil {
		return err
	}
	theirs, err := originOf(d.Stored.Body)
	if err != nil {
		return err
	}
	if ours.Semantics == theirs.Semantics && ours.LogID == theirs.LogID && ours.Epoch == theirs.Epoch {
		lost, err := b.lost(ctx, theirs.Seq, d.Stored)
		if err != nil {
			return err
		}
		if !lost {
			return d
		}
	}
	b.e.cfg.Logger.Error("an alert revision was published before by another epoch or semantics; it stands, and what differs from it is told next", "subject", r.Subject)
	b.e.askTold()
	return nil
}

// lost reports whether the log no longer has the message that caused a publication.
// A state that was rebuilt from a log without its end does not know that there was
// one, and what it says of the same epoch may differ.
func (b *outbox) lost(ctx context.Context, seq uint64, published eventlog.Message) (bool, error) {
	want := published.Header[AnchorHeader]
	if len(want) != 1 {
		return false, nil
	}
	m, err := b.e.cfg.Log.At(ctx, seq)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the message at %d, which caused what was published: %w", seq, err)
	}
	return Anchor(m) != want[0], nil
}

// origin is what a body says of where it comes from.
type origin struct {
	Semantics string
	correlator.Origin
}

func originOf(body []byte) (origin, error) {
	type said struct {
		Semantics string            `json:"semantics"`
		Origin    correlator.Origin `json:"origin"`
	}
	var ce struct {
		Data struct {
			said
			Unmapped struct {
				Overstay said `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &ce); err != nil {
		return origin{}, fmt.Errorf("read a published alert: %w", err)
	}
	if s := ce.Data.said; s.Semantics != "" {
		return origin{s.Semantics, s.Origin}, nil
	}
	s := ce.Data.Unmapped.Overstay
	return origin{s.Semantics, s.Origin}, nil
}

// drain publishes what is left; alone is how a row is published by itself.
func (b *outbox) drain(ctx context.Context, alone func(context.Context, row) error) error {
	for ctx.Err() == nil {
		rows := b.next()
		if len(rows) == 0 {
			return nil
		}
		if err := b.publish(ctx, rows, alone); err != nil {
			return err
		}
	}
	return ctx.Err()
}
