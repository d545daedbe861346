package jetstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// ConnectOptions say how to reach an existing server or cluster.
type ConnectOptions struct {
	Credentials *Credentials
	CredsFile   string // a NATS .creds file (JWT and nkey), instead of Credentials
	TLS         *tls.Config
	Logger      *slog.Logger
}

// Connect connects to a server or cluster; urls are separated by commas. The
// connection tries again for ever once it was there.
func Connect(ctx context.Context, urls string, o ConnectOptions) (*nats.Conn, error) {
	return connect(ctx, urls, o)
}

func connect(ctx context.Context, urls string, o ConnectOptions, more ...nats.Option) (*nats.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("jetstream: connect: %w", err)
	}
	if err := checkURLs(urls); err != nil {
		return nil, err
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	opts := []nats.Option{
		nats.Name("overstay"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		// A publish while disconnected must fail, and be tried again by us: the
		// client's own buffer would send half a batch after the reconnect.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("nats connection lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("nats connection is back", "server", c.ConnectedServerName()) }),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			log.Warn("nats connection", "subject", subject, "error", err)
		}),
	}
	if d, ok := ctx.Deadline(); ok {
		opts = append(opts, nats.Timeout(time.Until(d)))
	}
	opts = append(opts, authentication(o)...)
	nc, err := nats.Connect(urls, append(opts, more...)...)
	if err != nil {
		return nil, fmt.Errorf("jetstream: connect to %s: %w", redacted(urls), err)
	}
	return nc, nil
}

func authentication(o ConnectOptions) []nats.Option {
	var opts []nats.Option
	if o.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(o.CredsFile))
	}
	if c := o.Credentials; c != nil && c.Token != "" {
		opts = append(opts, nats.Token(c.Token))
	} else if c != nil {
		opts = append(opts, nats.UserInfo(c.User, c.Password))
	}
	if o.TLS != nil {
		opts = append(opts, nats.Secure(o.TLS))
	}
	return opts
}

// checkURLs finds a broken address before the client library does, whose error
// would quote it with the password in it.
func checkURLs(urls string) error {
	for n, part := range strings.Split(urls, ",") {
		if u, err := url.Parse(strings.TrimSpace(part)); err != nil || u.Host == "" {
			return fmt.Errorf("jetstream: address %d is not a URL such as nats://127.0.0.1:4222", n+1)
		}
	}
	return nil
}

// redacted keeps a password that somebody wrote into an address out of errors.
func redacted(urls string) string {
	parts := strings.Split(urls, ",")
	for i, part := range parts {
		if u, err := url.Parse(strings.TrimSpace(part)); err == nil && u.User != nil {
			u.User = url.User("hidden")
			parts[i] = u.String()
		}
	}
	return strings.Join(parts, ",")
}

// checkServer looks at the server that the connection leads to at the moment.
func checkServer(nc *nats.Conn) error {
	version := nc.ConnectedServerVersion()
	if version == "" {
		return fmt.Errorf("jetstream: server version: %w", nats.ErrDisconnected)
	}
	return checkVersion(version)
}

// checkVersion refuses servers on which what we rely on is known to be broken:
// before these a stream's created time changed on recovery, and inline compaction
// ignored "sync always".
func checkVersion(version string) error {
	var major, minor, patch int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		return fmt.Errorf("jetstream: server version %q: %w", version, err)
	}
	if major > 2 || major == 2 && (minor > 15 || minor == 15 && patch >= 2 || minor == 14 && patch >= 9) {
		return nil
	}
	return &VersionError{Version: version, Hint: "upgrade to nats-server 2.15.2 or later (2.14.9 in the 2.14 line)"}
}

// VersionError means that the server is too old to be trusted with the log.
type VersionError struct {
	Version string
	Hint    string
}

func (e *VersionError) Error() string {
	return "jetstream: nats-server " + e.Version + " is too old: " + e.Hint
}

// disconnected reports whether a request may simply be sent again: nobody knows
// whether the server saw it.
func disconnected(err error) bool {
	return errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrReconnectBufExceeded) ||
		errors.Is(err, nats.ErrDisconnected) || errors.Is(err, nats.ErrConnectionReconnecting) ||
		errors.Is(err, nats.ErrStaleConnection)
}
