package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// openNATS starts the embedded server, or connects to the one that is
// configured, and opens the streams. From here on both are the same.
func (a *App) openNATS(ctx context.Context) error {
	var maxStore int64
	var err error
	if a.cfg.NATS.URL == "" {
		maxStore, err = a.embed(ctx)
	} else {
		err = a.connect(ctx)
	}
	if err != nil {
		return err
	}
	n := a.cfg.NATS
	a.streams, err = jetstream.Open(ctx, a.conn, jetstream.StreamOptions{
		Replicas: n.Replicas, MaxStore: maxStore, Durables: n.Durables, Logger: a.log,
		Events:     jetstream.Limits{MaxAge: n.Events.MaxAge, MaxBytes: n.Events.MaxBytes},
		Alerts:     jetstream.Limits{MaxAge: n.Alerts.MaxAge, MaxBytes: n.Alerts.MaxBytes},
		Quarantine: jetstream.Limits{MaxAge: n.Quarantine.MaxAge, MaxBytes: n.Quarantine.MaxBytes},
	})
	if err != nil {
		return fmt.Errorf("open the streams: %w", err)
	}
	a.onClose("streams", func(context.Context) error { return a.streams.Close() })
	return a.fail(PointLogOpened)
}

func (a *App) embed(ctx context.Context) (int64, error) {
	n := a.cfg.NATS
	operator, err := credentials(n.Operator)
	if err != nil {
		return 0, err
	}
	subscriber, err := credentials(n.Subscriber)
	if err != nil {
		return 0, err
	}
	tlsConfig, err := serverTLS(n.TLS)
	if err != nil {
		return 0, err
	}
	a.server, err = jetstream.Embed(ctx, jetstream.Options{
		Dir: a.dir("nats"), Listen: n.Listen, MaxStore: n.MaxStore, Operator: operator, Subscriber: subscriber,
		Durables: n.Durables, TLS: tlsConfig, Logger: a.log,
	})
	if errors.Is(err, jetstream.ErrListen) {
		return 0, fmt.Errorf("%w (another program may have the port: choose one with --nats-listen)", err)
	}
	if err != nil {
		return 0, err
	}
	a.onClose("NATS server", func(context.Context) error { a.server.Shutdown(); return nil })
	a.conn, err = a.server.Conn(ctx)
	if err != nil {
		return 0, err
	}
	a.onClose("NATS connection", func(context.Context) error { a.conn.Close(); return nil })
	return a.server.MaxStore(), nil
}

func (a *App) connect(ctx context.Context) error {
	n := a.cfg.NATS
	login, err := credentials(n.Login)
	if err != nil {
		return err
	}
	tlsConfig, err := clientTLS(n.TLS)
	if err != nil {
		return err
	}
	a.conn, err = jetstream.Connect(ctx, n.URL, jetstream.ConnectOptions{Credentials: login, CredsFile: n.Credentials, TLS: tlsConfig, Logger: a.log})
	if err != nil {
		return err
	}
	a.onClose("NATS connection", func(context.Context) error { a.conn.Close(); return nil })
	return nil
}

// credentials reads the secrets that a configuration refers to.
func credentials(c *config.Credentials) (*jetstream.Credentials, error) {
	if c == nil {
		return nil, nil
	}
	out := &jetstream.Credentials{User: c.User}
	if !c.Token.IsZero() {
		s, err := c.Token.Read()
		if err != nil {
			return nil, err
		}
		out.Token = s.Reveal()
	}
	if !c.Password.IsZero() {
		s, err := c.Password.Read()
		if err != nil {
			return nil, err
		}
		out.Password = s.Reveal()
	}
	return out, nil
}

// serverTLS is nil when no certificate is configured.
func serverTLS(t config.TLS) (*tls.Config, error) {
	if t.Cert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate %s: %w", t.Cert, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

func clientTLS(t config.TLS) (*tls.Config, error) {
	if t.CA == "" && t.Cert == "" {
		return nil, nil
	}
	out, err := serverTLS(t)
	if err != nil {
		return nil, err
	}
	if out == nil {
		out = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("read the CA file: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CA file %s holds no certificate", t.CA)
		}
	}
	return out, nil
}
