package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// Run executes one command line and returns the process's exit code.
func Run(ctx context.Context, args []string, s Streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	return report(s.Err, root.ExecuteContext(ctx))
}

// The groups of the help.
const (
	groupRun    = "run"
	groupUse    = "use"
	groupReview = "review"
	groupMore   = "more"
)

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "overstay",
		Short: "Did access really end when its approval ended?",
		Long: `Overstay watches every way a person or a workload holds into a company's systems
and tells the SIEM the moment one of them outlives the approval it was granted
under. Connectors and HTTP clients send CloudEvents; alerts come out on NATS.`,
		Example: `  overstay serve                     # ready for events, on this machine only
  overstay emit events.jsonl         # send events to it
  overstay alerts --follow           # see what follows from them`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          onlySubcommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run it:"},
		&cobra.Group{ID: groupUse, Title: "Talk to a running one:"},
		&cobra.Group{ID: groupReview, Title: "Look back:"},
		&cobra.Group{ID: groupMore, Title: "More:"},
	)
	root.SetHelpCommandGroupID(groupMore)
	root.SetCompletionCommandGroupID(groupMore)
	root.AddCommand(demoCommand(s), serveCommand(s), checkCommand(s), testCommand(s), policyCommand(s), emitCommand(s), alertsCommand(s), statusCommand(s), replayCommand(s), explainCommand(s), asOfCommand(s), whoActedCommand(s), timelineCommand(s), reportCommand(s), exportCommand(s), importCommand(s), backupCommand(s), restoreCommand(s), rebuildCommand(s), versionCommand(s))
	root.AddCommand(benchCommand(s))
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Run, cmd.RunE = nil, func(_ *cobra.Command, args []string) error { return help(root, args) }
		case "completion":
			// Cobra prints the help for whatever is unknown, and succeeds.
			cmd.Args = onlySubcommands
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			cmd.Example = "  source <(overstay completion bash)\n  overstay completion zsh > \"${fpath[1]}/_overstay\"\n  overstay completion fish > ~/.config/fish/completions/overstay.fish"
		}
	}
	return root
}

func unknownCommand(cmd *cobra.Command, name string) error {
	hint := cmd.CommandPath() + " --help lists the commands"
	if near := nearCommands(cmd, name); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	if cmd.HasParent() {
		return usagef(hint, "%s has no command %q", cmd.CommandPath(), name)
	}
	return usagef(hint, "there is no command %q", name)
}

// nearCommands are the commands below cmd that may have been meant.
func nearCommands(cmd *cobra.Command, name string) []string {
	cmd.SuggestionsMinimumDistance = 2
	return cmd.SuggestionsFor(name)
}

// onlySubcommands refuses whatever is none of a command's own commands.
func onlySubcommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(cmd, args[0])
}

// help prints the help of a command by its words; a name that is none is a mistake,
// and not a question about everything.
func help(root *cobra.Command, words []string) error {
	cmd, rest, err := root.Find(words)
	if err != nil {
		return usagef("overstay --help lists the commands", "%w", err)
	}
	if len(rest) > 0 {
		return unknownCommand(cmd, rest[0])
	}
	cmd.InitDefaultHelpFlag()
	return cmd.Help()
}

// noArgs refuses arguments of a command that takes none.
func noArgs(hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usagef(hint, "%s takes no arguments, and %q is one", cmd.CommandPath(), args[0])
	}
}
