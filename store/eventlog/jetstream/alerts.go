package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// alertStream publishes alert revisions, each once.
type alertStream struct {
	pub    publisher
	stream natsjs.Stream
}

// Publish inserts the entry if no message has its rule, id and revision, under
// whatever severity. No message id is sent: the server would answer "duplicate"
// without having compared the bodies, and only within two minutes.
func (s *alertStream) Publish(ctx context.Context, e eventlog.Entry) error {
	if err := eventlog.CheckEntry(e, eventlog.AlertStreamSubjects()); err != nil {
		return err
	}
	e.MsgID = ""
	filter := eventlog.AnySeverity(e.Subject)
	for n := 0; ; n++ {
		m := s.pub.message(e)
		m.Header[natsjs.ExpectedLastSubjSeqHeader] = []string{"0"}
		m.Header[natsjs.ExpectedLastSubjSeqSubjHeader] = []string{filter}
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
