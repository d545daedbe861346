package jetstream

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Options describe the embedded server.
type Options struct {
	Dir string // the store; made with mode 0700 if absent

	// Listen is host:port for NATS clients, or "" for this process only. Port 0
	// takes a free one. Not a loopback address without Operator or Subscriber.
	Listen string

	// MaxStore bounds the store in bytes. 0: half of the volume's free space, at
	// most 10 GiB.
	MaxStore int64

	// Operator may do everything, Subscriber may read alerts, sealed and status.
	// With neither, whoever reaches the loopback address is such a subscriber;
	// with either, nobody gets in without credentials.
	Operator   *Credentials
	Subscriber *Credentials

	// Durables are the pull consumers on the alert stream that Subscriber may
	// fetch from and acknowledge on. Open makes them.
	Durables []string

	TLS    *tls.Config // for Listen; nil is plain TCP
	Logger *slog.Logger
}

// AddressError means that the server was asked to listen where strangers reach it.
type AddressError struct {
	Listen string
	Hint   string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("jetstream: refusing to listen on %s without authentication: %s", e.Listen, e.Hint)
}

// Server is a NATS server inside this process.
type Server struct {
	opts     Options
	own      Credentials
	reviewer Credentials
	log      *serverLog

	mu     sync.Mutex
	ns     *server.Server
	listen string // as bound, so that a restart keeps the port
}

const startLimit = 60 * time.Second

// Embed starts a server on Dir and returns when it is ready; the streams on disk
// are recovered by then. Two servers on one Dir destroy it: the caller holds a lock.
func Embed(ctx context.Context, o Options) (*Server, error) {
	if err := checkOptions(&o); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("jetstream: store folder: %w", err)
	}
	if o.MaxStore == 0 {
		n, err := maxStore(o.Dir)
		if err != nil {
			return nil, err
		}
		o.MaxStore = n
	}
	s := &Server{
		opts:     o,
		own:      Credentials{User: "overstay", Password: rand.Text()},
		reviewer: Credentials{User: "reviewer", Password: rand.Text()},
		listen:   o.Listen,
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func checkOptions(o *Options) error {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Dir == "" {
		return errors.New("jetstream: no store folder given")
	}
	for name, c := range map[string]*Credentials{"operator": o.Operator, "subscriber": o.Subscriber} {
		if c != nil && !c.complete() {
			return fmt.Errorf("jetstream: %s credentials are neither a token nor a user with a password", name)
		}
	}
	if o.Operator != nil && o.Subscriber != nil && *o.Operator == *o.Subscriber {
		return errors.New("jetstream: operator and subscriber have the same credentials")
	}
	for _, d := range o.Durables {
		if err := checkName(d); err != nil {
			return err
		}
	}
	if o.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("jetstream: listen address: %w", err)
	}
	if o.Operator == nil && o.Subscriber == nil && !loopback(host) {
		return &AddressError{Listen: o.Listen,
			Hint: "configure a token or a user with a password, or listen on 127.0.0.1"}
	}
	if o.TLS == nil && !loopback(host) {
		o.Logger.Warn("nats clients send their credentials in the clear", "listen", o.Listen,
			"hint", "configure a certificate")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// start makes a server; the caller holds mu or is the only one.
func (s *Server) start(ctx context.Context) error {
	g := newGate(s.own, s.reviewer, s.opts)
	so, err := s.serverOptions(g)
	if err != nil {
		return err
	}
	ns, err := server.NewServer(so)
	if err != nil {
		return fmt.Errorf("jetstream: server on %s: %w", s.opts.Dir, err)
	}
	g.lookup = ns.LookupAccount
	s.log = &serverLog{log: s.opts.Logger}
	ns.SetLoggerV2(s.log, false, false, false)
	ns.Start()
	if err := s.ready(ctx, ns); err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return err
	}
	s.ns = ns
	if a, ok := ns.Addr().(*net.TCPAddr); ok && s.listen != "" {
		host, _, _ := net.SplitHostPort(s.listen) // was checked
		s.listen = net.JoinHostPort(host, strconv.Itoa(a.Port))
	}
	return nil
}

// ErrListen means that the server could not listen where it was told to.
var ErrListen = errors.New("cannot listen for NATS clients")

// failed is the line by which a server says why it does not run, as an error.
func (s *Server) failed(line string) error {
	if strings.HasPrefix(line, "Error listening on port") {
		return fmt.Errorf("jetstream: server on %s: %w: %s", s.opts.Dir, ErrListen, line)
	}
	return fmt.Errorf("jetstream: server on %s: %s", s.opts.Dir, line)
}

func (s *Server) ready(ctx context.Context, ns *server.Server) error {
	deadline := time.Now().Add(startLimit)
	for !ns.ReadyForConnections(100 * time.Millisecond) {
		switch line := s.log.fatalLine(); {
		case line != "":
			return s.failed(line)
		case ctx.Err() != nil:
			return fmt.Errorf("jetstream: server on %s: %w", s.opts.Dir, context.Cause(ctx))
		case time.Now().After(deadline):
			return fmt.Errorf("jetstream: server on %s is not ready after %s", s.opts.Dir, startLimit)
		}
	}
	if line := s.log.fatalLine(); line != "" {
		return s.failed(line)
	}
	return nil
}

// serverOptions turns everything off that we do not need: each listener was the
// way in of some advisory of 2026.
func (s *Server) serverOptions(g *gate) (*server.Options, error) {
	so := &server.Options{}
	if err := so.ProcessConfigString(accounts); err != nil {
		return nil, fmt.Errorf("jetstream: accounts: %w", err)
	}
	so.ServerName = "overstay"
	so.NoSigs = true // signals are the process's own; Shutdown would panic besides
	so.DisableJetStreamBanner = true
	so.JetStream = true
	so.StoreDir = s.opts.Dir
	so.SyncAlways = true // the default syncs every two minutes, after the ack
	so.JetStreamMaxStore = s.opts.MaxStore
	so.JetStreamMaxMemory = 64 << 20 // the readers' ephemeral consumers, no stream
	so.MaxConn = 256
	so.MaxSubs = 256
	so.CustomClientAuthentication = g
	so.TLSConfig = s.opts.TLS
	if s.opts.TLS != nil {
		so.TLSTimeout = 5
	}
	if s.listen == "" {
		so.DontListen = true
		return so, nil
	}
	host, port, err := net.SplitHostPort(s.listen)
	if err != nil {
		return nil, fmt.Errorf("jetstream: listen address: %w", err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("jetstream: listen port %q: %w", port, err)
	}
	so.Host, so.Port = host, int(n)
	if n == 0 {
		so.Port = server.RANDOM_PORT
	}
	return so, nil
}

// ClientURL is where NATS clients connect, "" when the server does not listen.
func (s *Server) ClientURL() string {
	if s.opts.Listen == "" {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	scheme := "nats://"
	if s.opts.TLS != nil {
		scheme = "tls://"
	}
	return scheme + s.listen
}

// Reviewer are the credentials, made anew at each start of the process, by which
// the log and the alerts can be read and nothing else be done. They are for whoever
// may read Dir: keep them where only they can.
func (s *Server) Reviewer() Credentials { return s.reviewer }

// MaxStore is the size the store was bounded to, in bytes.
func (s *Server) MaxStore() int64 { return s.opts.MaxStore }

// InProcessConn implements nats.InProcessConnProvider. It leads to the server of
// the moment, so that connections survive Restart.
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	ns := s.ns
	s.mu.Unlock()
	if ns == nil {
		return nil, errors.New("jetstream: the server is shut down")
	}
	return ns.InProcessConn()
}

// Conn connects this process, with all rights and without a socket.
func (s *Server) Conn(ctx context.Context) (*nats.Conn, error) {
	return connect(ctx, nats.DefaultURL, ConnectOptions{Credentials: &s.own, Logger: s.opts.Logger},
		nats.InProcessServer(s))
}

// Restart shuts the server down and starts it again on the same store and
// address: the only cure for a stream that stopped writing on a full disk.
func (s *Server) Restart(ctx context.Context) error {
	s.Shutdown()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.start(ctx)
}

// Shutdown ends the server and returns when its files are closed.
func (s *Server) Shutdown() {
	s.mu.Lock()
	ns := s.ns
	s.ns = nil
	s.mu.Unlock()
	if ns == nil {
		return
	}
	ns.Shutdown()
	ns.WaitForShutdown()
}
