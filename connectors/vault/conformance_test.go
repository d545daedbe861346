package vault_test

import (
	"log/slog"
	"testing"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/connectortest"
	"github.com/overstay/overstay/connectors/vault"
)

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
