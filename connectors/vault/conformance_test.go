package vault_test

import (
	"log/slog"
	"testing"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/connectortest"
	"github.com/overstay/overstay/connectors/vault"
)

// A device that was set to log_raw shows everything to whoever reads its file. The
// connector still passes none of it on.
func TestConformanceWithSecretsInTheLog(t *testing.T) {
	v := newFake(t)
	v.devices[0].raw = true
	cfg := v.config()
	alice := v.login("alice", 3600)
	child := v.child(alice, "child", "auth/token/create", nil, 600)
	wrapping := &tok{"acc-wrap", "hvs.SECRET-wrap", "", ""}
	v.call(api{by: alice, path: "database/creds/ro", mountType: "database", wrap: wrapping, wrapTTL: 60, data: m{"password": "hunter2"}})
	v.call(api{by: alice, path: "sys/wrapping/unwrap", mountType: "system", data: m{"token": wrapping.secret}, lease: "database/creds/ro/L1", answer: m{"password": "hunter2"}})
	v.issue(child, "database/creds/ro", "L2")
	v.call(api{by: alice, path: "auth/token/revoke", mountType: "token", data: m{"token": child.secret}})
	v.log(`[ERROR] expiration: failed to revoke lease: lease_id=database/creds/ro/L2 error="dial postgres://root:hunter2@db: password=hunter2"`)
	v.write(v.devices[0].path, `{"time":"2026-10-01T12:09:00Z","type":"response","auth":{"client_token":"hvs.SECRET-broken`+"\n")
	connectortest.Run(t, connectortest.Suite{
		New: func(t *testing.T, _ *slog.Logger) connectors.Source {
			src, err := vault.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			return src
		},
		Secrets: []string{"hvs.SECRET", "hunter2"},
	})
}

func TestConformance(t *testing.T) {
	for name, files := range run1Devices(t) {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, connectortest.Suite{
				New: func(t *testing.T, _ *slog.Logger) connectors.Source {
					src, err := vault.New(vault.Config{
						Name: "prod", AuditFiles: files, ServerLogs: []string{sample(t, "server.log")},
					})
					if err != nil {
						t.Fatal(err)
					}
					return src
				},
			})
		})
	}
}
