package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

func policyCommand(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "policy",
		GroupID: groupRun,
		Short:   "Check, apply and show the policy",
		Long: `Check, apply and show the policy. A policy is an event in the log: it is in force
from its place there on, without a restart. Findings that are over stay as they
were judged; those that stand are taken over.`,
		Example: `  overstay policy check policy.yaml
  overstay policy apply policy.yaml
  overstay policy show`,
		Args: onlySubcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(policyCheckCommand(s), policyApplyCommand(s), policyShowCommand(s))
	return cmd
}

// readPolicy reads a policy's file that a command line names.
func readPolicy(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, failedf("name a file with what stands under policy: in a configuration", "read the policy: %w", err)
	}
	return text, nil
}

func policyCheckCommand(s Streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check FILE",
		Short:   "Say everything that is wrong with a policy",
		Long:    "Say everything that is wrong with a policy, at once and with line numbers.",
		Example: "  overstay policy check policy.yaml",
		Args:    oneFile("overstay policy check policy.yaml"),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := readPolicy(args[0])
			if err != nil {
				return err
			}
			v := verdict{Problems: []strictyaml.Problem{}, Warnings: []strictyaml.Problem{}}
			_, err = policy.LoadSource(strictyaml.Source{File: args[0], Text: text})
			var problems *strictyaml.ProblemsError
			switch {
			case errors.As(err, &problems):
				v.Problems = problems.Problems
			case err != nil:
				return err
			default:
				v.OK, v.summary = true, args[0]
			}
			if err := v.print(s.Out, asJSON); err != nil {
				return fmt.Errorf("print what the check found: %w", err)
			}
			if !v.OK {
				return failedf("", "%s in %s", count(len(v.Problems), "problem"), args[0])
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func policyApplyCommand(s Streams) *cobra.Command {
	var server speaker
	cmd := &cobra.Command{
		Use:   "apply FILE",
		Short: "Put a policy in force, on the server that runs",
		Long: `Put a policy in force, on the server that runs on this machine. It is checked, then
appended to the log, and the command ends when all that follows from it has been
told: how many alerts it resolved, raised and changed. Where that takes longer than
--wait, exit code 4 says that it is in force and that the rest is told later.

It stays in force through restarts, until another is applied or the configured
file changes. Whoever may open the data folder may apply one; the log keeps who.`,
		Example: `  overstay policy apply policy.yaml
  overstay policy apply --data /var/lib/overstay policy.yaml --json`,
		Args: oneFile("overstay policy apply policy.yaml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readPolicy(args[0])
			if err != nil {
				return err
			}
			if _, err := policy.LoadSource(strictyaml.Source{File: args[0], Text: text}); err != nil {
				return err
			}
			return server.say(cmd, s, app.PolicyPath, bytes.NewReader(text), func(out app.Spoken) string {
				if out.Unchanged {
					return "this policy is in force already"
				}
				return fmt.Sprintf("in force from position %d on, by %s", out.Position, out.By)
			})
		},
	}
	server.addFlags(cmd)
	return cmd
}

func policyShowCommand(s Streams) *cobra.Command {
	var place offline
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the policy in force on the server that runs",
		Long: `Print the policy in force on the server that runs on this machine: its text on
the standard output, so that it can be edited and applied again, and who applied it
and when on the standard error.`,
		Example: "  overstay policy show > policy.yaml",
		Args:    noArgs("overstay policy show"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out app.PolicyInForce
			if err := place.ask(cmd, s, http.MethodGet, app.PolicyPath, nil, &out); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(s.Out, out)
			}
			about := pagePrinter{w: s.Err}
			if out.Position == 0 {
				about.line("# the default policy: none was ever applied")
			} else {
				about.line("# applied %s by %s, at position %d, sha256 %s", out.Applied.Format(time.RFC3339), out.By, out.Position, out.Hash)
			}
			text := out.Text // to the byte: applied again, it is no change
			if isTerminal(s.Out) {
				text = harmless(text, "\n\t")
			}
			_, err := io.WriteString(s.Out, text)
			return errors.Join(about.err, err)
		},
	}
	place.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// ask asks the server that runs on the data folder.
func (p *offline) ask(cmd *cobra.Command, s Streams, method, path string, body io.Reader, out any) error {
	o, err := p.options(s)
	if err != nil {
		return err
	}
	return explainServer(app.Ask(cmd.Context(), o.Config.DataDir, method, path, body, out))
}

// printTold prints how many alert revisions followed from an operator's word, or
// nothing's words where there are none.
func printTold(p *pagePrinter, out app.Spoken, nothing string) {
	if len(out.Told) == 0 && out.Waiting == "" {
		p.line("%s", nothing)
	}
	for _, what := range slices.Sorted(maps.Keys(out.Told)) {
		p.line("%6d %s", out.Told[what], what)
	}
}
