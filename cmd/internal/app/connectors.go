package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/cefile"
	"github.com/overstay/overstay/connectors/openldap"
	"github.com/overstay/overstay/connectors/runner"
	"github.com/overstay/overstay/connectors/teleport"
	"github.com/overstay/overstay/connectors/vault"
	"github.com/overstay/overstay/correlator/engine"
)

// openConnectors makes every configured source and its runner.
func (a *App) openConnectors(context.Context) error {
	for _, c := range a.cfg.Connectors {
		src, err := a.source(c)
		if err != nil {
			return fmt.Errorf("connector %s %q (line %d): %w", c.Type, c.Name, c.Line, err)
		}
		a.sources = append(a.sources, src)
		a.runners = append(a.runners, runner.New(src, connectorPublisher{a.publisher(), src.URI()}, runner.Options{
			Dir: a.dir("connectors"), Logger: a.log, Now: a.opts.Clock.Wall,
		}))
	}
	return nil
}

// source turns a configuration into a connector.
func (a *App) source(c config.Connector) (connectors.Source, error) {
	switch c.Type {
	case config.TypeVault:
		cfg, err := a.vault(c)
		if err != nil {
			return nil, err
		}
		return vault.New(cfg)
	case config.TypeTeleport:
		return teleport.New(teleport.Config{
			Name: c.Name, Paths: c.Teleport.Paths, Follow: c.Teleport.Follow, Clusters: c.Teleport.Clusters,
			Now: a.opts.Clock.Wall, Wait: a.wait(c),
		}, a.log)
	case config.TypeOpenLDAP:
		return openldap.New(ldap(c), openldap.WithClock(sourceClock{a.opts.Clock}))
	case config.TypeCloudEventsFile:
		return cefile.New(cefile.Config{Name: c.Name, Paths: c.CloudEventsFile.Paths, Follow: c.CloudEventsFile.Follow, Stdin: os.Stdin, Now: a.opts.Clock.Wall, Wait: a.wait(c)}, a.log)
	}
	return nil, fmt.Errorf("there is no connector of type %q", c.Type)
}

// sourceClock is the program's clock as a connector knows it.
type sourceClock struct{ engine.Clock }

// Now implements openldap.Clock.
func (c sourceClock) Now() time.Time { return c.Wall() }

// wait is the connector's pause, nil for its own.
func (a *App) wait(c config.Connector) func(context.Context, time.Duration) error {
	if a.opts.Wait == nil {
		return nil
	}
	return a.opts.Wait(c)
}

func (a *App) vault(c config.Connector) (vault.Config, error) {
	v := c.Vault
	out := vault.Config{
		Name: c.Name, ServerLogs: v.ServerLogs, Follow: v.Follow, Shipped: v.Shipped, MountTTL: v.MountTTL,
		TicketKeys: v.TicketKeys, Lag: v.Lag, StateDir: a.dir("connectors"), Clock: a.opts.Clock.Wall, Wait: a.wait(c),
	}
	for _, d := range v.Audit {
		for _, path := range d.Paths {
			out.AuditFiles = append(out.AuditFiles, vault.AuditFile{Path: path, Device: d.Device})
		}
	}
	if h := v.Hash; h != nil {
		out.Address, out.TokenFile = h.URL, h.Token.File
		trust, err := clientTLS(config.TLS{CA: h.CA})
		if err != nil {
			return out, err
		}
		if trust != nil {
			out.Client = &http.Client{
				Timeout:   30 * time.Second,
				Transport: &http.Transport{TLSClientConfig: trust, Proxy: http.ProxyFromEnvironment},
				// A redirect would carry the token to somebody else.
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}
		}
	}
	return out, nil
}

func ldap(c config.Connector) openldap.Config {
	d := c.OpenLDAP
	out := openldap.Config{
		Name: c.Name, URL: d.URL, StartTLS: d.StartTLS, CAFile: d.CA, BindDN: d.BindDN,
		PasswordFile: d.Password.File, PasswordEnv: d.Password.Env, BaseDN: d.BaseDN,
		GroupClasses: d.GroupClasses, PeopleClasses: d.PeopleClasses,
		MemberAttributes: d.MemberAttributes, MemberUIDAttributes: d.MemberUIDAttributes,
		SnapshotEvery: d.SnapshotEvery, ReplicaID: d.ReplicaID, MaxEntries: d.MaxEntries, MaxMembers: d.MaxMembers,
	}
	for _, r := range d.Disabled {
		out.Disabled = append(out.Disabled, openldap.DisableRule{
			Attribute: r.Attribute, Condition: openldap.Condition(r.Condition), Value: r.Value,
		})
	}
	return out
}
