package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/overstay/overstay/cmd/internal/api"
	"github.com/overstay/overstay/cmd/internal/observe"
	"github.com/overstay/overstay/connectors/httppush"
)

// checkLimit bounds one health check.
const checkLimit = 3 * time.Second

// openHTTP makes the gateway for events and the pages about the program itself.
func (a *App) openHTTP(ctx context.Context) error {
	clients, err := a.clients()
	if err != nil {
		return err
	}
	a.gateway, err = httppush.New(httppush.Options{
		Publisher: a.publisher(), Clients: clients, Anonymous: len(clients) == 0,
		EventRate: float64(a.cfg.HTTP.EventRate), Now: a.opts.Clock.Wall, Recorder: a.telemetry.Metrics, Log: a.log,
	})
	if err != nil {
		return err
	}
	tlsConfig, err := serverTLS(a.cfg.HTTP.TLS)
	if err != nil {
		return err
	}
	a.http = httppush.NewServer(httppush.ServerOptions{Handler: a.routes(), TLS: tlsConfig, MaxConns: a.cfg.HTTP.MaxConnections, Log: a.log})
	var lc net.ListenConfig
	a.listener, err = lc.Listen(ctx, "tcp", a.cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w (another program may have the port: choose one with --http-listen)", err)
	}
	a.onClose("HTTP listener", func(context.Context) error {
		a.listener.Close() // closed already when the server ran
		return nil
	})
	return nil
}

func (a *App) publisher() publisher {
	return publisher{a.streams.Events(), a.telemetry.Metrics, a.telemetry.Tracing, a.fail}
}

func (a *App) clients() ([]httppush.Client, error) {
	var out []httppush.Client
	for _, c := range a.cfg.HTTP.Clients {
		token, err := c.Token.Read()
		if err != nil {
			return nil, fmt.Errorf("client %s: %w", c.Name, err)
		}
		as := httppush.NewClient
		if c.Reads {
			as = httppush.NewReader
		}
		client, err := as(c.Name, token.Reveal(), c.Sources)
		if err != nil {
			return nil, err
		}
		out = append(out, client)
	}
	return out, nil
}

func (a *App) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(httppush.Path, a.gateway)
	api.New(api.Options{Look: a.engine.Look, Past: a.past, Growth: a.cfg.Memory.Replay(), Program: "overstay " + a.opts.Version, Log: a.log}).Register(mux, a.gateway.Reading)
	mux.Handle("GET "+StatusPath, a.gateway.Protect(http.HandlerFunc(a.serveStatus)))
	mux.Handle("GET /metrics", a.gateway.Protect(a.telemetry.Handler()))
	mux.Handle("GET /healthz", observe.NewHealth(checkLimit, a.alive()...))
	mux.Handle("GET /readyz", observe.NewHealth(checkLimit, a.ready()...))
	if len(a.cfg.HTTP.Clients) == 0 {
		return httppush.LoopbackOnly(mux)
	}
	return mux
}

// alive is what must hold for the program to be of any use at all.
func (a *App) alive() []observe.Check {
	nats := observe.Check{Name: "nats", Run: func(ctx context.Context) error {
		if a.server != nil {
			return a.server.Health()
		}
		_, err := a.streams.Events().State(ctx)
		return err
	}}
	return []observe.Check{nats}
}

// ready is what must hold for its verdicts to be up to date.
func (a *App) ready() []observe.Check {
	return append(a.alive(),
		observe.Check{Name: "engine", Run: a.engine.Ready},
		observe.Check{Name: "disk", Run: func(context.Context) error {
			_, err := a.state.Position()
			return err
		}},
	)
}
