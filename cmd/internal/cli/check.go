package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

func checkCommand(s Streams) *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check --config FILE",
		GroupID: groupRun,
		Short:   "Say everything that is wrong with a configuration",
		Long: `Say everything that is wrong with a configuration, and with the policy in or beside
it, at once and with line numbers. Secrets are read once, to tell that they can be
had; none is shown.

Files to read that are not there, or may not be read by who runs this, are
warnings: they may appear, and serve may run as somebody else.`,
		Example: `  overstay check --config overstay.yaml
  overstay check --config overstay.yaml --json`,
		Args: noArgs("the file is given with --config"),
		RunE: func(*cobra.Command, []string) error {
			if file == "" {
				return usagef("overstay check --config overstay.yaml", "no configuration is named")
			}
			return check(s, file, asJSON)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration `file` (docs/configuration.md)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// verdict is what a check found.
type verdict struct {
	OK       bool                 `json:"ok"`
	Problems []strictyaml.Problem `json:"problems"`
	Warnings []strictyaml.Problem `json:"warnings"`
	summary  string
}

func check(s Streams, file string, asJSON bool) error {
	v := verdict{Problems: []strictyaml.Problem{}, Warnings: []strictyaml.Problem{}}
	cfg, err := config.Load(file)
	var problems *strictyaml.ProblemsError
	switch {
	case errors.As(err, &problems):
		v.Problems = problems.Problems
	case err != nil:
		return err
	default:
		v.OK, v.summary = true, summarise(cfg)
		v.Warnings = append(v.Warnings, unreadable(cfg)...)
	}
	if err := v.print(s.Out, asJSON); err != nil {
		return fmt.Errorf("print what the check found: %w", err)
	}
	if !v.OK {
		return failedf("", "%s in %s", count(len(v.Problems), "problem"), file)
	}
	return nil
}

func (v verdict) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return writeJSON(w, v)
	}
	p := pagePrinter{w: w}
	for _, line := range strictyaml.Lines(v.Problems) {
		p.line("%s", line)
	}
	for _, warning := range v.Warnings {
		p.line("warning: %s", warning)
	}
	if v.OK {
		p.line("ok: %s", v.summary)
	}
	return p.err
}

func summarise(cfg *config.Config) string {
	nats := "own NATS server on " + cfg.NATS.Listen
	if cfg.NATS.URL != "" {
		nats = "NATS at " + cfg.NATS.URL
	}
	policy := "the default policy"
	if cfg.Policy.File != "" {
		policy = "policy in " + cfg.Policy.File
	}
	return fmt.Sprintf("%s: HTTP on %s, %s, %s, %s, data in %s", cfg.File, cfg.HTTP.Listen, nats,
		count(len(cfg.Connectors), "connector"), policy, cfg.DataDir)
}

// unreadable finds the connectors' files that cannot be opened now.
func unreadable(cfg *config.Config) []strictyaml.Problem {
	var out []strictyaml.Problem
	for i, c := range cfg.Connectors {
		for _, path := range inputs(c) {
			if err := readable(path); err != nil {
				hint := ""
				if errors.Is(err, fs.ErrNotExist) {
					hint = "serve waits for it"
				}
				out = append(out, strictyaml.Problem{
					File: cfg.File, Line: c.Line, Column: 1, Path: fmt.Sprintf("connectors[%d]", i),
					Message: fmt.Sprintf("%s %s: %v", c.Type, c.Name, err), Hint: hint,
				})
			}
		}
	}
	return out
}

// inputs are the files that a connector reads.
func inputs(c config.Connector) []string {
	switch {
	case c.Vault != nil:
		var paths []string
		for _, a := range c.Vault.Audit {
			paths = append(paths, a.Paths...)
		}
		return append(paths, c.Vault.ServerLogs...)
	case c.Teleport != nil:
		return c.Teleport.Paths
	case c.CloudEventsFile != nil:
		return c.CloudEventsFile.Paths
	}
	return nil
}

// readable opens a file to see whether it can be read. A pipe is only looked at:
// opening one waits for its writer.
func readable(path string) error {
	if path == "-" {
		return nil
	}
	status, err := os.Stat(path)
	if err != nil {
		return err
	}
	if status.IsDir() {
		return fmt.Errorf("%s is a folder", path)
	}
	if !status.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}
