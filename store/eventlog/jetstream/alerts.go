package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/overstay/overstay/store/eventlog"
)

// alertStream publishes alert revisions, each once.
type alertStream struct {
	pub     publisher
	stream  natsjs.Stream
	batches bool // the stream takes atomic batches
}

// Publish inserts the entry if no message has its rule, id and revision, under
// whatever severity. No message id is sent: the server would answer "duplicate"
// without having compared the bodies, and only within two minutes.
func (s *alertStream) Publish(ctx context.Context, e eventlog.Entry) error {
	if err := eventlog.CheckEntry(e, eventlog.AlertStreamSubjects()); err != nil {
		return err
	}
	filter := eventlog.AnySeverity(e.Subject)
	for n := 0; ; n++ {
		m := s.once(e, filter)
		_, _, err := s.pub.persist(ctx, m)
		switch judge(err) {
		case stored:
			return nil
		case guarded:
			done, err := s.compare(ctx, filter, e)
			if done {
				return err
			}
			// It is gone, its age came: the publish decides.
		default:
			return explain(e.Subject, err)
		}
		if !pause(ctx, n) {
			return fmt.Errorf("publish on %s: %w", e.Subject, context.Cause(ctx))
		}
	}
}

// once is the message that inserts an entry if nothing matches the filter.
func (s *alertStream) once(e eventlog.Entry, filter string) *nats.Msg {
	e.MsgID = ""
	m := s.pub.message(e)
	m.Header[natsjs.ExpectedLastSubjSeqHeader] = []string{"0"}
	m.Header[natsjs.ExpectedLastSubjSeqSubjHeader] = []string{filter}
	return m
}

// PublishAll inserts the entries as one atomic batch, in which each has its own guard.
// It is sent once: a batch that is refused or not answered is for Publish to sort out,
// and one that arrives late, after Publish has stored its first entry, is refused
// for that.
func (s *alertStream) PublishAll(ctx context.Context, es []eventlog.Entry) error {
	if !s.batches {
		return fmt.Errorf("jetstream: stream %s takes no atomic batches", s.pub.stream)
	}
	messages := make([]*nats.Msg, len(es))
	// The server compares what a batch holds with the stream, and its messages with
	// each other only by their literal subjects.
	seen := make(map[string]bool, len(es))
	for i, e := range es {
		if err := eventlog.CheckEntry(e, eventlog.AlertStreamSubjects()); err != nil {
			return err
		}
		filter := eventlog.AnySeverity(e.Subject)
		if seen[filter] {
			return fmt.Errorf("jetstream: publish %d alerts together: %s is among them twice", len(es), filter)
		}
		seen[filter] = true
		messages[i] = s.once(e, filter)
	}
	if err := s.pub.batch(ctx, nuid.Next(), messages); err != nil {
		return fmt.Errorf("jetstream: publish %d alerts together: %w", len(es), err)
	}
	return nil
}

// compare reads what is stored in the entry's place.
func (s *alertStream) compare(ctx context.Context, filter string, e eventlog.Entry) (done bool, err error) {
	raw, err := s.pub.get(ctx, getRequest{LastOn: filter})
	if errors.Is(err, eventlog.ErrNoMessage) {
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("jetstream: read what is published on %s: %w", filter, err)
	}
	if bytes.Equal(raw.Body, e.Body) {
		return true, nil
	}
	return true, &eventlog.DifferentError{Subject: raw.Subject, Stored: raw}
}

// quarantine stores what could not be read.
type quarantine struct{ pub publisher }

// Put returns after the entry is durable, ErrFull when there is no space.
func (q *quarantine) Put(ctx context.Context, e eventlog.Entry) error {
	if err := eventlog.CheckEntry(e, []string{eventlog.QuarantineSubjects}); err != nil {
		return err
	}
	e.MsgID = idFor(e)
	if _, _, err := q.pub.persist(ctx, q.pub.message(e)); err != nil {
		return explain(e.Subject, err)
	}
	return nil
}

// idFor gives an entry without a message id one of its own, so that an attempt
// whose answer was lost is not stored twice.
func idFor(e eventlog.Entry) string {
	if e.MsgID != "" {
		return e.MsgID
	}
	return nats.NewInbox()[len(nats.InboxPrefix):]
}
