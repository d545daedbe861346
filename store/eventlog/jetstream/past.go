package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// ErrPast is what an append to a log that was opened with [OpenPast] gives.
var ErrPast = errors.New("jetstream: the log was opened to look back on, not to write to")

// OpenPast opens the log and the alert stream of a server to look back on them:
// nothing is made, changed or written. Both streams must exist, and the connection
// may read them: that of an operator or of a reviewer.
func OpenPast(ctx context.Context, nc *nats.Conn, logger *slog.Logger) (eventlog.Log, eventlog.AlertsReader, error) {
	o := StreamOptions{Logger: logger}
	if err := o.fill(); err != nil {
		return nil, nil, err
	}
	if err := checkServer(nc); err != nil {
		return nil, nil, err
	}
	js, err := natsjs.New(nc, natsjs.WithDefaultTimeout(o.AckWait))
	if err != nil {
		return nil, nil, fmt.Errorf("jetstream: open: %w", err)
	}
	found := map[string]natsjs.Stream{}
	for _, name := range []string{EventsStream, AlertsStream} {
		ctx, cancel := context.WithTimeout(ctx, pastAnswer)
		found[name], err = js.Stream(ctx, name)
		cancel()
		if err != nil {
			return nil, nil, fmt.Errorf("jetstream: stream %s: %w", name, err)
		}
	}
	p := publisher{nc: nc, ackWait: o.AckWait, logger: o.Logger}
	return pastLog{&log{pub: p.to(EventsStream), stream: found[EventsStream], stall: o.Stall}},
		&tailer{nc: nc, api: defaultAPI, stream: found[AlertsStream], logger: o.Logger}, nil
}

// pastAnswer bounds the wait for a server that refuses without an answer.
const pastAnswer = 5 * time.Second

// pastLog is a log that nobody appends to.
type pastLog struct{ *log }

func (pastLog) Append(context.Context, []eventlog.Entry) error { return ErrPast }

func (pastLog) AppendGuarded(context.Context, eventlog.Entry, uint64) (uint64, error) {
	return 0, ErrPast
}
