package httppush

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/overstay/overstay/events"
)

// Path is where the gateway listens.
const Path = "/v1/events"

const (
	maxErrors  = 100             // entries of a problem's errors list
	retryAfter = 5 * time.Second // asked of clients while the log is away
)

// ErrFull is what a [Publisher] returns, wrapped or not, when the log takes no
// more source events. Clients are told 503, like for every other error, but
// with the reason.
var ErrFull = errors.New("httppush: the log takes no more events")

// Publisher makes events durable.
type Publisher interface {
	// Publish stores all of evs in order and returns nil only after the log has
	// acknowledged every one. client is the authenticated name, from which, with
	// the event's source and id, the message id is made. After an error nothing
	// may be assumed, and the client is told to send all of them again.
	Publish(ctx context.Context, client string, evs []events.Event) error
}

// Recorder counts what came of events; class is that of the vocabulary, or
// "unknown".
type Recorder interface {
	EventReceived(class, result string)
}

// The results that a [Recorder] hears.
const (
	ResultStored      = "stored"
	ResultInvalid     = "invalid"
	ResultForbidden   = "forbidden"
	ResultLimited     = "limited"
	ResultUnavailable = "unavailable"
)

// Options make a gateway.
type Options struct {
	Publisher Publisher
	// Clients are who may post. Without any, Anonymous must be set.
	Clients []Client
	// Anonymous lets everybody post as "anonymous", for any source. It is for
	// listeners on loopback.
	Anonymous bool
	// EventRate is events a second that one client may send, default 5,000,
	// and Burst how many at once, default and least [events.MaxBatch].
	EventRate float64
	Burst     int
	// InFlight is how many requests of one client are handled at a time,
	// default 16. It bounds the memory that bodies take.
	InFlight int
	// PublishTimeout bounds the wait for the log; default 10 s.
	PublishTimeout time.Duration
	Now            func() time.Time // default time.Now
	Recorder       Recorder         // may be nil
	Log            *slog.Logger     // may be nil
}

func (o *Options) complete() error {
	switch {
	case o.Publisher == nil:
		return errors.New("httppush: no publisher")
	case len(o.Clients) == 0 && !o.Anonymous:
		return errors.New("httppush: no client may post: list clients, or allow anonymous ones")
	case len(o.Clients) > 0 && o.Anonymous:
		return errors.New("httppush: clients are listed and anonymous ones allowed: choose one")
	}
	if o.EventRate <= 0 {
		o.EventRate = 5000
	}
	o.Burst = max(o.Burst, events.MaxBatch)
	if o.InFlight <= 0 {
		o.InFlight = 16
	}
	if o.PublishTimeout <= 0 {
		o.PublishTimeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Recorder == nil {
		o.Recorder = noRecorder{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

type noRecorder struct{}

func (noRecorder) EventReceived(string, string) {}

// Gateway is the handler of [Path].
type Gateway struct {
	options Options
	clients *directory
}

// New makes a gateway.
func New(o Options) (*Gateway, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	clients, err := newDirectory(o)
	if err != nil {
		return nil, err
	}
	return &Gateway{options: o, clients: clients}, nil
}

// ServeHTTP takes one request through all stages. The first that fails answers.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	client, stored, problem := g.handle(w, r)
	if problem != nil {
		problem.write(w)
	} else {
		writeStored(w, stored)
	}
	g.log(r, client, stored, problem, time.Since(began))
}

func (g *Gateway) handle(w http.ResponseWriter, r *http.Request) (client string, stored int, p *Problem) {
	if r.Method != http.MethodPost {
		return "", 0, methodNotAllowed(r.Method)
	}
	who, p := g.clients.authenticate(r.Header.Values("Authorization"))
	if p != nil {
		return "", 0, p
	}
	release, p := who.enter()
	if p != nil {
		return who.name, 0, p
	}
	defer release()
	evs, p := g.receive(w, r, who)
	if p != nil {
		return who.name, 0, p
	}
	if p := g.publish(r.Context(), who.name, evs); p != nil {
		return who.name, 0, p
	}
	return who.name, len(evs), nil
}

// receive reads, decodes and judges the events of a request.
func (g *Gateway) receive(w http.ResponseWriter, r *http.Request, who *account) ([]events.Event, *Problem) {
	mode, p := contentMode(r.Header)
	if p != nil {
		return nil, p
	}
	body, p := readBody(w, r, mode)
	if p != nil {
		return nil, p
	}
	items, err := events.DecodeHTTP(r.Header, body)
	if err == nil && mode != batch {
		err = formless(items)
	}
	if err != nil {
		return nil, undecodable(err, r.Header)
	}
	if p := who.spend(len(items)); p != nil {
		g.record(items, ResultLimited)
		return nil, p
	}
	if errs := invalid(items, g.options.Now()); len(errs) > 0 {
		g.record(items, ResultInvalid)
		return nil, unprocessable(named(errs, mode, r.Header, body), len(items))
	}
	if errs := who.foreign(items); len(errs) > 0 {
		g.record(items, ResultForbidden)
		return nil, forbidden(who.name, errs, len(items))
	}
	return inTrace(items, r.Header), nil
}

// publish waits for the log's acknowledgement.
func (g *Gateway) publish(ctx context.Context, client string, evs []events.Event) *Problem {
	if len(evs) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, g.options.PublishTimeout)
	defer cancel()
	result := ResultStored
	err := g.options.Publisher.Publish(ctx, client, evs)
	if err != nil {
		result = ResultUnavailable
	}
	for i := range evs {
		g.options.Recorder.EventReceived(class(evs[i]), result)
	}
	if err != nil {
		return unavailable(fmt.Errorf("publish %d events of %s: %w", len(evs), client, err))
	}
	return nil
}

func (g *Gateway) record(items []events.Item, result string) {
	for i := range items {
		g.options.Recorder.EventReceived(class(items[i].Event), result)
	}
}

// class is bounded by the vocabulary, whatever a client makes up.
func class(ev events.Event) string {
	if !ev.Type.Known() {
		return "unknown"
	}
	return ev.Type.Class()
}

func (g *Gateway) log(r *http.Request, client string, stored int, p *Problem, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("client", client),
		slog.String("remote", r.RemoteAddr),
		slog.Duration("took", took),
	}
	if p == nil {
		attrs = append(attrs, slog.Int("events", stored))
		g.options.Log.LogAttrs(r.Context(), slog.LevelDebug, "events stored", attrs...)
		return
	}
	attrs = append(attrs, slog.Int("status", p.Status), slog.String("title", p.Title), slog.String("instance", p.Instance))
	level := slog.LevelInfo
	if p.cause != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.Any("error", p.cause))
	}
	g.options.Log.LogAttrs(r.Context(), level, "events refused", attrs...)
}
