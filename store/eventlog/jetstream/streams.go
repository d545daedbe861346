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

// StreamOptions describe the streams. The zero value is a single server's.
type StreamOptions struct {
	Replicas int // 1 (default) or 3

	// MaxStore is shared out among streams whose Limits do not name a size; 0
	// takes 10 GiB. For an embedded server give Server.MaxStore.
	MaxStore                   int64
	Events, Alerts, Quarantine Limits

	// Durables are pull consumers on the alert stream, made with explicit
	// acknowledgement and endless redelivery, for subscribers that may not create
	// their own.
	Durables []string

	Logger *slog.Logger

	// AckWait bounds one attempt to publish; 0 is 5 s. A refused or unanswered
	// attempt is followed by the next until the caller's context ends.
	AckWait time.Duration
	// Stall is how long a reader may get nothing while the stream has more before
	// its consumer is made anew; 0 is 5 s.
	Stall time.Duration
}

// Streams are the open streams of one server or cluster.
type Streams struct {
	log        *log
	alerts     *alertStream
	quarantine *quarantine
	tail       *tailer
}

// Open creates the streams that are absent and verifies those that exist: a
// *SettingsError names what contradicts. The connection stays the caller's; it
// must outlive the streams.
func Open(ctx context.Context, nc *nats.Conn, o StreamOptions) (*Streams, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	if err := ask(ctx, o.AckWait, func(context.Context) error { return checkServer(nc) }); err != nil {
		return nil, err
	}
	js, err := natsjs.New(nc, natsjs.WithDefaultTimeout(o.AckWait))
	if err != nil {
		return nil, fmt.Errorf("jetstream: open: %w", err)
	}
	found := map[string]natsjs.Stream{}
	for _, want := range settings(o) {
		err := ask(ctx, o.AckWait, func(ctx context.Context) (err error) {
			found[want.Name], err = ensureStream(ctx, js, want, o.limitsOf(want.Name))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := checkAges(found[EventsStream].CachedInfo().Config, found[AlertsStream].CachedInfo().Config); err != nil {
		return nil, err
	}
	for _, name := range o.Durables {
		if err := ensureDurable(ctx, found[AlertsStream], name); err != nil {
			return nil, err
		}
	}
	batches := found[AlertsStream].CachedInfo().Config.AllowAtomicPublish
	if !batches {
		o.Logger.Warn("the alert stream takes no atomic batches, and alerts are published one by one: set allow_atomic on it", "stream", AlertsStream)
	}
	p := publisher{nc: nc, ackWait: o.AckWait, logger: o.Logger}
	return &Streams{
		log:        newLog(p.to(EventsStream), found[EventsStream], o),
		alerts:     &alertStream{pub: p.to(AlertsStream), stream: found[AlertsStream], batches: batches},
		quarantine: &quarantine{pub: p.to(QuarantineStream)},
		tail:       &tailer{nc: nc, api: defaultAPI, stream: found[AlertsStream], logger: o.Logger},
	}, nil
}

// OpenReader opens only the alert stream, and only to read it: enough for a client
// that may do nothing else. The stream must exist. It finds by itself whether the
// connection is that of a subscriber on an embedded server.
func OpenReader(ctx context.Context, nc *nats.Conn, logger *slog.Logger) (eventlog.AlertsReader, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	var tried []error
	for _, api := range []string{SubscriberAPI, defaultAPI} {
		s, err := alertsUnder(ctx, nc, api)
		if err == nil {
			return &tailer{nc: nc, api: api, stream: s, logger: logger}, nil
		}
		tried = append(tried, err)
	}
	return nil, fmt.Errorf("jetstream: stream %s: %w", AlertsStream, errors.Join(tried...))
}

func alertsUnder(ctx context.Context, nc *nats.Conn, api string) (natsjs.Stream, error) {
	// Where the prefix is unknown the answer is "no responders", at once; where
	// it is forbidden there is none.
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	js, err := natsjs.NewWithAPIPrefix(nc, api)
	if err != nil {
		return nil, err
	}
	s, err := js.Stream(ctx, AlertsStream)
	if err != nil {
		return nil, fmt.Errorf("under %s: %w", api, err)
	}
	return s, nil
}

// Events is the log.
func (s *Streams) Events() eventlog.Log { return s.log }

// Alerts is the stream that alerts are published on.
func (s *Streams) Alerts() eventlog.Alerts { return s.alerts }

// AlertsReader reads it back.
func (s *Streams) AlertsReader() eventlog.AlertsReader { return s.tail }

// AlertsState is what the alert stream says of itself.
func (s *Streams) AlertsState(ctx context.Context) (eventlog.State, error) { return s.tail.State(ctx) }

// Quarantine keeps what could not be read.
func (s *Streams) Quarantine() eventlog.Quarantine { return s.quarantine }

// Close ends the appending goroutine: appends that wait fail with ErrClosed.
// Readers are closed by whoever opened them.
func (s *Streams) Close() error {
	s.log.close()
	return nil
}

func (o *StreamOptions) fill() error {
	switch o.Replicas {
	case 0:
		o.Replicas = 1
	case 1, 3, 5:
	default:
		return fmt.Errorf("jetstream: %d replicas: needed 1, 3 or 5", o.Replicas)
	}
	if o.MaxStore == 0 {
		o.MaxStore = defaultMaxStore
	}
	if o.AckWait == 0 {
		o.AckWait = 5 * time.Second
	}
	if o.Stall == 0 {
		o.Stall = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for _, d := range o.Durables {
		if err := checkName(d); err != nil {
			return err
		}
	}
	return nil
}

func (o *StreamOptions) limitsOf(stream string) Limits {
	switch stream {
	case EventsStream:
		return o.Events
	case AlertsStream:
		return o.Alerts
	}
	return o.Quarantine
}

// ensureStream creates a stream or verifies it. Limits that were asked for are
// applied to an existing one; nothing else of it is touched.
func ensureStream(ctx context.Context, js natsjs.JetStream, want natsjs.StreamConfig, asked Limits) (natsjs.Stream, error) {
	s, err := js.Stream(ctx, want.Name)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		s, err = js.CreateStream(ctx, want)
	}
	if api := (*natsjs.APIError)(nil); errors.As(err, &api) && (api.ErrorCode == codeStreamOffline || api.ErrorCode == codeConsumerOffline) {
		return nil, &OfflineError{Stream: want.Name, Reason: api.Description}
	}
	if err != nil {
		return nil, fmt.Errorf("jetstream: stream %s: %w", want.Name, err)
	}
	have := s.CachedInfo().Config
	if d := differences(have, want); len(d) > 0 {
		return nil, &SettingsError{Stream: want.Name, Differences: d}
	}
	limits := asked.or(Limits{have.MaxBytes, have.MaxAge})
	if limits == (Limits{have.MaxBytes, have.MaxAge}) {
		return s, nil
	}
	have.MaxBytes, have.MaxAge = limits.MaxBytes, limits.MaxAge
	if s, err = js.UpdateStream(ctx, have); err != nil {
		return nil, fmt.Errorf("jetstream: limits of stream %s: %w", want.Name, err)
	}
	return s, nil
}

// OfflineError means that the server holds a stream and does not serve it: it cannot
// read the description of the stream or of one of its consumers, or a newer server
// wrote it. It stays so until somebody acts.
type OfflineError struct{ Stream, Reason string }

func (e *OfflineError) Error() string {
	return fmt.Sprintf("jetstream: the server does not serve stream %s (%s): the meta.inf of the stream, or of a consumer of it in its folder obs, is damaged or was written by a newer server; "+
		"put it back from a backup, or, of a consumer, remove its folder", e.Stream, e.Reason)
}

// ensureDurable makes a pull consumer that never gives up on a message: with a
// limit of deliveries the server would drop it without an error.
func ensureDurable(ctx context.Context, s natsjs.Stream, name string) error {
	c, err := s.CreateOrUpdateConsumer(ctx, natsjs.ConsumerConfig{
		Durable:       name,
		DeliverPolicy: natsjs.DeliverAllPolicy,
		AckPolicy:     natsjs.AckExplicitPolicy,
		AckWait:       30 * time.Second,
		MaxDeliver:    -1,
		MaxAckPending: 1000,
	})
	if api := (*natsjs.APIError)(nil); errors.As(err, &api) && api.ErrorCode == codeConsumerStore {
		return fmt.Errorf("jetstream: consumer %s on %s: what it has acknowledged cannot be read; put its folder obs/%s in the stream's back from a backup, or remove it, and it is given everything again: %w",
			name, AlertsStream, name, err)
	}
	if err != nil {
		return fmt.Errorf("jetstream: consumer %s on %s: %w", name, AlertsStream, err)
	}
	return checkPosition(ctx, s, c.CachedInfo())
}

// checkPosition refuses a durable that would never be given some alerts: it waits for no
// acknowledgement, and stands behind alerts that it has none of. The server moves the
// two together, and keeps them in a file (obs/NAME/o.dat) without a checksum
// (nats-server 2.15.2, decodeConsumerState); one bit there skips what a SIEM was to read.
func checkPosition(ctx context.Context, s natsjs.Stream, c *natsjs.ConsumerInfo) error {
	read, acked := c.Delivered.Stream, c.AckFloor.Stream
	if c.NumAckPending > 0 || read <= acked {
		return nil
	}
	first, err := s.GetMsg(ctx, acked+1, natsjs.WithGetMsgSubject(">"))
	switch {
	case errors.Is(err, natsjs.ErrMsgNotFound):
		return nil // what it passed was deleted by age
	case err != nil:
		return fmt.Errorf("jetstream: consumer %s on %s: look for what it has not acknowledged: %w", c.Name, AlertsStream, err)
	case first.Sequence > read:
		return nil
	}
	return fmt.Errorf("jetstream: consumer %s on %s: where it stands is damaged: it would never be given what follows %d, up to %d, which it has not acknowledged; "+
		"put its folder obs/%s in the stream's back from a backup, or remove it, and it is given everything again", c.Name, AlertsStream, acked, read, c.Name)
}

// checkName accepts what can be one token of a subject and a file name.
func checkName(name string) error {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return fmt.Errorf("jetstream: consumer name %q: only letters, digits, - and _", name)
		}
	}
	if name == "" || len(name) > 64 {
		return fmt.Errorf("jetstream: consumer name %q: needed 1 to 64 characters", name)
	}
	return nil
}
