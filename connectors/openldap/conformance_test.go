package openldap

import (
	"log/slog"
	"testing"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/connectortest"
	"github.com/overstay/overstay/connectors/openldap/slapdtest"
)

// The suite's fixture is a directory at rest: its baseline tells one nesting. Once
// it was told with nothing to continue from, a run that starts over tells it again.
func TestConformance(t *testing.T) {
	s := slapdtest.Start(t)
	c := config(t, s)
	connectortest.Run(t, connectortest.Suite{
		New: func(t *testing.T, _ *slog.Logger) connectors.Source {
			src, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			return src
		},
		Secrets:   []string{slapdtest.ReaderPassword, "alice-secret", "bob-secret", "carol-secret"},
		Events:    1,
		MayRepeat: true,
	})
}
