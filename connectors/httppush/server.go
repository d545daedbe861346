package httppush

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// ServerOptions make a [Server]. Zero values take the defaults named.
type ServerOptions struct {
	Handler http.Handler
	TLS     *tls.Config  // nil: plain HTTP, for loopback or behind a proxy
	Log     *slog.Logger // of the HTTP server itself; may be nil
	// HeaderTimeout bounds the request line and headers, default 5 s;
	// ReadTimeout the whole request with its body, default 30 s; IdleTimeout
	// the wait for the next request on a connection, default 60 s; WriteTimeout
	// from the end of the headers to the end of the answer, default 60 s.
	HeaderTimeout, ReadTimeout, IdleTimeout, WriteTimeout time.Duration
	// MaxConns is how many connections are open at once, default 256; others
	// wait in the kernel's queue.
	MaxConns int
	// Drain is how long requests may take to end once the server is told to
	// stop, default 5 s.
	Drain time.Duration
}

const maxHeader = 16 << 10

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// Server serves a handler within limits of time, size and number.
type Server struct {
	http     *http.Server
	maxConns int
	drain    time.Duration
}

// NewServer makes a server that does not listen yet.
func NewServer(o ServerOptions) *Server {
	log := orDefault(o.Log, slog.New(slog.DiscardHandler))
	return &Server{
		http: &http.Server{
			Handler:           o.Handler,
			TLSConfig:         o.TLS,
			ReadHeaderTimeout: orDefault(o.HeaderTimeout, 5*time.Second),
			ReadTimeout:       orDefault(o.ReadTimeout, 30*time.Second),
			WriteTimeout:      orDefault(o.WriteTimeout, 60*time.Second),
			IdleTimeout:       orDefault(o.IdleTimeout, 60*time.Second),
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		},
		maxConns: orDefault(o.MaxConns, 256),
		drain:    orDefault(o.Drain, 5*time.Second),
	}
}

// Serve answers on the listener until ctx ends, lets the requests at hand end
// for at most the drain time, and closes the listener. It returns nil after a
// drain that was in time.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	l = netutil.LimitListener(l, s.maxConns)
	served := make(chan error, 1)
	go func() {
		if s.http.TLSConfig != nil {
			served <- s.http.ServeTLS(l, "", "")
			return
		}
		served <- s.http.Serve(l)
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve HTTP on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer cancel()
	err := s.http.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("drain HTTP on %s within %v: %w", l.Addr(), s.drain, err), s.http.Close())
	}
	<-served
	return err
}
