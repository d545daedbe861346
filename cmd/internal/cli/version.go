package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator"
)

// versions says what this binary is made of.
type versions struct {
	Version   string `json:"version"`
	Revision  string `json:"revision,omitempty"`
	Modified  bool   `json:"modified,omitempty"` // built from a tree with changes
	Semantics string `json:"semantics"`
	State     string `json:"state"`
	Go        string `json:"go"`
	Platform  string `json:"platform"`
	NATS      string `json:"natsServer"`
	Badger    string `json:"badger"`
}

const badgerModule = "github.com/dgraph-io/badger/v4"

func ownVersions() versions {
	v := versions{
		Version: "unknown", Semantics: correlator.SemanticsID, State: correlator.StateVersion,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, NATS: server.VERSION, Badger: "unknown",
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if build.Main.Version != "" {
		v.Version = build.Main.Version
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	for _, m := range build.Deps {
		if m.Path == badgerModule {
			v.Badger = m.Version
		}
	}
	return v
}

func versionCommand(s Streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		GroupID: groupMore,
		Short:   "Say what this binary is made of",
		Long: `Say what this binary is made of. Two binaries with the same semantics make the
same alerts of the same log, byte for byte.`,
		Example: "  overstay version\n  overstay version --json",
		Args:    noArgs(""),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return writeJSON(s.Out, ownVersions())
			}
			return ownVersions().print(s.Out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (v versions) print(w io.Writer) error {
	revision := v.Revision
	if v.Modified {
		revision += " with changes"
	}
	if revision != "" {
		revision = " (" + revision + ")"
	}
	_, err := fmt.Fprintf(w, "overstay %s%s\nsemantics %s, state %s\n%s %s, nats-server %s, badger %s\n",
		v.Version, revision, v.Semantics, v.State, v.Go, v.Platform, v.NATS, v.Badger)
	return err
}

// writeJSON prints a value for scripts.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
