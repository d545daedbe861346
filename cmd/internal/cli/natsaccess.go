package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/pflag"

	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// natsAccess is how a NATS client shows who it is.
type natsAccess struct {
	access
	user                      string
	passwordFile, passwordEnv string
	creds                     string
}

func (a *natsAccess) addFlags(f *pflag.FlagSet) {
	f.StringVar(&a.user, "user", "", "NATS `user`, with a password")
	f.StringVar(&a.passwordFile, "password-file", "", "`file` with the password")
	f.StringVar(&a.passwordEnv, "password-env", "", "`name` of the environment variable with the password")
	f.StringVar(&a.creds, "creds", "", "NATS credentials `file` (JWT and key)")
	a.access.addFlags(f)
}

// connectLimit bounds the wait for a server that does not answer.
const connectLimit = 5 * time.Second

// connect opens a connection; what happens to it later is told on errs.
func (a *natsAccess) connect(ctx context.Context, url string, errs io.Writer) (*nats.Conn, error) {
	if !natsAddresses(url) {
		return nil, usagef("write it as "+defaultNATS, "the NATS server's address is not a URL of its kind (%s)", strings.Join(natsSchemes(), ", "))
	}
	o, err := a.options()
	if err != nil {
		return nil, err
	}
	return dial(ctx, url, o, errs)
}

// dial connects with what is given.
func dial(ctx context.Context, url string, o jetstream.ConnectOptions, errs io.Writer) (*nats.Conn, error) {
	o.Logger = slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	nc, err := jetstream.Connect(ctx, url, o)
	if err != nil {
		return nil, unreachablef(beliefHint(err, "is overstay serve running there, and are the credentials right?"), "cannot reach the alerts: %w", err)
	}
	return nc, nil
}

func (a *natsAccess) options() (jetstream.ConnectOptions, error) {
	var o jetstream.ConnectOptions
	password, err := readSecret("password", a.passwordFile, a.passwordEnv)
	if err != nil {
		return o, err
	}
	token, err := a.token()
	if err != nil {
		return o, err
	}
	if (a.user == "") != password.IsZero() {
		return o, usagef("give --user with --password-file or --password-env", "a user and a password go together")
	}
	ways := 0
	for _, given := range []bool{a.user != "", !token.IsZero(), a.creds != ""} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		return o, usagef("", "give one of a user, a token and a credentials file")
	}
	if a.user != "" || !token.IsZero() {
		o.Credentials = &jetstream.Credentials{User: a.user, Password: password.Reveal(), Token: token.Reveal()}
	}
	if a.creds != "" {
		if err := secret.CheckFile(a.creds); err != nil {
			return o, fmt.Errorf("use the credentials: %w", err)
		}
		o.CredsFile = a.creds
	}
	o.TLS, err = a.trust()
	return o, err
}
