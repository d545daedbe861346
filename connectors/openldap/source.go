package openldap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/events"
)

// Clock is where the connector gets its time and its timers. The directory's own
// records carry the directory's time.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Source reads one OpenLDAP directory. It implements connectors.Source.
type Source struct {
	config Config
	clock  Clock
}

// Option changes a source.
type Option func(*Source)

// WithClock replaces the system's clock.
func WithClock(c Clock) Option { return func(s *Source) { s.clock = c } }

// New makes a source of a checked configuration; nothing is connected yet.
func New(c Config, opts ...Option) (*Source, error) {
	c = c.withDefaults()
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("openldap source %q: %w", c.Name, err)
	}
	s := &Source{config: c, clock: systemClock{}}
	for _, opt := range opts {
		opt(s)
	}
	return s, nil
}

var _ connectors.Source = (*Source)(nil)

// URI is "ldap://<name>".
func (s *Source) URI() string { return s.config.uri() }

func (c Config) uri() string    { return "ldap://" + c.Name }
func (c Config) system() string { return "ldap/" + c.Name }

// Run reads until ctx ends or the connection breaks. Where the directory cannot
// continue from our position it reads everything anew and tells what differs from
// what it knew. Where too much differs to be believed it begins a new baseline.
func (s *Source) Run(ctx context.Context, from connectors.Cursor, out connectors.Output) error {
	p, err := s.config.resume(from)
	if err != nil {
		return err
	}
	err = s.session(ctx, p, out, p.Seen.cookie(s.config.ReplicaID))
	if errors.Is(err, errRefreshRequired) {
		err = s.session(ctx, p, out, nil)
	}
	if errors.Is(err, errHalfGone) {
		err = s.session(ctx, s.config.begin(), out, nil)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// session is one pair of connections.
func (s *Source) session(ctx context.Context, p *place, out connectors.Output, cookie []byte) error {
	ctx, closeConnections := context.WithCancel(ctx)
	defer closeConnections()
	streaming, err := s.config.connect(ctx)
	if err != nil {
		return err
	}
	asking, err := s.config.connect(ctx)
	if err != nil {
		return err
	}
	asking.SetTimeout(answerTimeout)
	started := s.clock.Now()
	stream := s.config.follow(ctx, streaming, cookie)
	defer func() {
		closeConnections()
		for range stream.messages { // until the reader has gone
		}
	}()
	r := &reader{
		config: s.config, clock: s.clock, out: out, conn: asking, place: p,
		refresh:    newRefresh(p, len(cookie) == 0, started),
		translator: &translator{memory: p.memory, source: s.URI(), skip: out.Skip},
	}
	return r.read(ctx, stream)
}

// resumed says what this source can promise about itself.
func (r *reader) resumed(coverage time.Time) (events.Event, error) {
	now := r.clock.Now()
	system := r.config.system()
	return events.New(events.SourceResumed, r.config.uri(), "resumed@"+stamp(now), now, "", &events.Resumed{
		Coverage:  coverage,
		Connector: "openldap",
		Capabilities: events.Capabilities{
			EndReporting: map[events.AccessKind]events.EndReporting{events.KindMembership: events.EndsAlways},
			Progress:     true,
			Every:        events.Duration(longestSilence),
			Settle:       events.Duration(settles),
			Realms: []events.Realm{
				{Name: system + "/uuid", Immutable: true, Rank: 1},
				{Name: system + "/uid", FoldCase: true, Rank: 2},
				{Name: system + "/dn", FoldCase: true, Recyclable: true, Rank: 3},
				{Name: mailRealm, FoldCase: true, Recyclable: true, Rank: 4},
			},
		},
	})
}

// stamp is a time as part of an event id.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
