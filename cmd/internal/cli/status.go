package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
)

func statusCommand(s Streams) *cobra.Command {
	var to, data string
	var a access
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status",
		GroupID: groupUse,
		Short:   "Say what is seen, what is not judged, and why",
		Long: `Say what is seen, what is joined, what is not judged and why, with the policy lines
that would help most, ready to paste.

It never says that all is well: what no connector sees is not in it.`,
		Example: "  overstay status\n  overstay status --server https://overstay.example.com:8080 --token-file token\n  overstay status --json | jq .judgement",
		Args:    noArgs("the server is given with --server"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			base, err := findServer(to, data, defaultHTTP, func(e endpoints) string { return e.HTTP })
			if err != nil {
				return err
			}
			c, err := a.open(base)
			if err != nil {
				return err
			}
			st, now, err := askStatus(cmd.Context(), c)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.Out, st)
			}
			return statusPage{st, now, painter(colourful(s.Out))}.print(s.Out)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&to, "server", "", "`URL` of the server (default "+defaultHTTP+")")
	flags.StringVar(&data, "data", "", "data `folder` of a server on this machine, to find its address")
	a.addFlags(flags)
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// askStatus gets the status and the server's own idea of the time, by which ages
// are told: the clock here may be another.
func askStatus(ctx context.Context, c *client) (app.Status, time.Time, error) {
	var st app.Status
	a, err := c.do(ctx, http.MethodGet, app.StatusPath, "", nil)
	if err != nil {
		return st, time.Time{}, c.notThere(err)
	}
	if a.status != http.StatusOK {
		return st, time.Time{}, c.notOurs(a)
	}
	if err := json.Unmarshal(a.body, &st); err != nil {
		return st, time.Time{}, unreachablef("is that an overstay server?", "read the status of %s: %w", c.base.Redacted(), err)
	}
	now, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return st, now, nil
}
