package openldap

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const (
	dialTimeout   = 15 * time.Second
	defaultSocket = "/var/run/slapd/ldapi" // as in slapd(8)
)

// connect dials, secures and binds, and closes the connection when ctx ends. No
// error of it holds the password.
func (c Config) connect(ctx context.Context) (*ldap.Conn, error) {
	var security *tls.Config
	if c.StartTLS || strings.HasPrefix(c.URL, "ldaps:") {
		var err error
		if security, err = c.tls(); err != nil {
			return nil, err
		}
	}
	wire, err := c.dial(ctx, security)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", c.URL, err)
	}
	_, encrypted := wire.(*tls.Conn)
	conn := ldap.NewConn(wire, encrypted)
	conn.Start()
	context.AfterFunc(ctx, func() { conn.Close() })
	if err := c.secureAndBind(conn, security); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// dial is ours, and not the library's, because that one cannot be stopped.
func (c Config) dial(ctx context.Context, security *tls.Config) (net.Conn, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read url: %w", err)
	}
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	switch u.Scheme {
	case "ldapi":
		return d.DialContext(ctx, "unix", cmp.Or(u.Path, defaultSocket))
	case "ldaps":
		secure := &tls.Dialer{NetDialer: d, Config: security}
		return secure.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "636")))
	}
	return d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "389")))
}

func (c Config) secureAndBind(conn *ldap.Conn, security *tls.Config) error {
	conn.SetTimeout(dialTimeout)
	defer conn.SetTimeout(0) // a timeout would also end the persistent search
	if c.StartTLS {
		if err := conn.StartTLS(security); err != nil {
			return fmt.Errorf("start TLS on %s: %w", c.URL, err)
		}
	}
	switch {
	case c.BindDN != "":
		password, err := c.password()
		if err != nil {
			return err
		}
		if err := conn.Bind(c.BindDN, password); err != nil {
			return fmt.Errorf("bind to %s as %s: %w", c.URL, c.BindDN, err)
		}
	case strings.HasPrefix(c.URL, "ldapi:"):
		if err := conn.ExternalBind(); err != nil {
			return fmt.Errorf("bind to %s as this process's user: %w", c.URL, err)
		}
	}
	return nil
}

func (c Config) tls() (*tls.Config, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read url %q: %w", c.URL, err)
	}
	security := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	if c.CAFile == "" {
		return security, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the directory's CA certificates: %w", err)
	}
	security.RootCAs = x509.NewCertPool()
	if !security.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read the directory's CA certificates: no PEM certificate in %s", c.CAFile)
	}
	return security, nil
}

// password reads the secret anew; a line end behind it is not part of it.
func (c Config) password() (string, error) {
	if c.PasswordEnv != "" {
		v, ok := os.LookupEnv(c.PasswordEnv)
		if !ok || v == "" {
			return "", fmt.Errorf("read the bind password: environment variable %s is empty", c.PasswordEnv)
		}
		return v, nil
	}
	text, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the bind password: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", fmt.Errorf("read the bind password: %s is empty", c.PasswordFile)
	}
	return password, nil
}
