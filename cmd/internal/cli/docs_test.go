package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "write docs/commands from the commands' help")

// docs is the folder from here.
var docs = filepath.Join("..", "..", "..", "docs")

// documented are the commands with a page.
func documented() []*cobra.Command {
	root := newRoot(Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
	root.InitDefaultHelpCmd()
	var out []*cobra.Command
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" {
			out = append(out, cmd)
		}
	}
	return out
}

// TestPagesAreTheHelp: docs/commands says what --help says. After a change:
// go test ./cmd/internal/cli -run TestPages -update
func TestPagesAreTheHelp(t *testing.T) {
	pages := map[string]bool{}
	for _, cmd := range documented() {
		name := cmd.Name() + ".md"
		pages[name] = true
		path := filepath.Join(docs, "commands", name)
		want := markdown(cmd)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if string(got) != want {
			t.Errorf("%s is not what the help says: run this test with -update", path)
		}
	}
	found, err := os.ReadDir(filepath.Join(docs, "commands"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if !pages[f.Name()] {
			t.Errorf("docs/commands/%s is about no command", f.Name())
		}
	}
}

// markdown writes a command's help as a page.
func markdown(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", cmd.CommandPath())
	fmt.Fprintf(&b, "<!-- Written from the command's help by go test ./cmd/internal/cli -run TestPages -update -->\n\n")
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprintf(&b, "%s\n", strings.TrimSpace(text))
	fmt.Fprintf(&b, "\n```text\n%s\n```\n", cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n## Examples\n\n```sh\n%s\n```\n", dedent(cmd.Example))
	}
	for _, sub := range cmd.Commands() {
		fmt.Fprintf(&b, "\n- `%s`: %s", sub.CommandPath(), sub.Short)
	}
	if len(cmd.Commands()) > 0 {
		b.WriteByte('\n')
	}
	if flags := flagsOf(cmd); flags != "" {
		fmt.Fprintf(&b, "\n## Flags\n\n```text\n%s```\n", flags)
	}
	for _, sub := range cmd.Commands() {
		b.WriteString(section(sub))
	}
	return b.String()
}

// section writes a subcommand's help into the page of its command.
func section(cmd *cobra.Command) string {
	var b strings.Builder
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```text\n%s\n```\n", cmd.CommandPath(), strings.TrimSpace(text), cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n```sh\n%s\n```\n", dedent(cmd.Example))
	}
	if flags := flagsOf(cmd); flags != "" {
		fmt.Fprintf(&b, "\n```text\n%s```\n", flags)
	}
	return b.String()
}

// flagsOf are a command's flags as the help lists them, those of --help among them.
func flagsOf(cmd *cobra.Command) string {
	cmd.InitDefaultHelpFlag()
	return cmd.NonInheritedFlags().FlagUsages()
}

func dedent(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}

// TestEveryCommandShowsAnExample, has a group in the help, and is named in
// docs/cli.md with its page.
func TestEveryCommandShowsAnExample(t *testing.T) {
	overview, err := os.ReadFile(filepath.Join(docs, "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range documented() {
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.Name())
		}
		if cmd.GroupID == "" {
			t.Errorf("%s is in no group", cmd.Name())
		}
		if link := fmt.Sprintf("[`%s`](commands/%s.md)", cmd.Name(), cmd.Name()); !strings.Contains(string(overview), link) {
			t.Errorf("docs/cli.md has no %s", link)
		}
	}
	for _, code := range []int{Done, Failed, Usage, Unreachable} {
		if !strings.Contains(string(overview), fmt.Sprintf("\n| %d | ", code)) {
			t.Errorf("docs/cli.md does not say what exit code %d is", code)
		}
	}
}
