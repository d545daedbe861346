package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
)

// The pages of docs/rules are written by hand, but for what the code knows too:
// that is compared with correlator.Rules here, so that it cannot drift.

func rulePage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "rules", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// table is what the page of a rule states below its first sentence.
func table(r correlator.Rule) string {
	var attacks, controls []string
	for _, a := range r.Attacks {
		id, name := a.Technique, a.Name
		if a.Sub != "" {
			id, name = a.Sub, a.SubName
		}
		attacks = append(attacks, fmt.Sprintf("%s %s (%s)", id, name, a.TacticName))
	}
	if len(attacks) == 0 {
		attacks = []string{"none"}
	}
	for _, c := range r.Controls {
		controls = append(controls, "`"+c+"`")
	}
	return fmt.Sprintf("| | |\n|---|---|\n| title | %s |\n| severity | %s |\n| on without a policy | %s |\n| ATT&CK %s | %s |\n| controls | %s |\n",
		r.Title, r.Severity, yes(r.Default), correlator.AttackVersion, strings.Join(attacks, "; "), strings.Join(controls, ", "))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// sections are the questions that each page answers, in this order.
var sections = []string{
	"## When exactly", "## Severity", "## How it ends", "## What it cannot see", "## Tuning", "## An example", "## What to do",
}

func TestEveryRuleHasItsPage(t *testing.T) {
	index := rulePage(t, "README.md")
	for _, r := range correlator.Rules() {
		text := rulePage(t, string(r.ID)+".md")
		head := fmt.Sprintf("# %s %s\n\n", r.ID, r.Name)
		sentence, rest, ok := strings.Cut(strings.TrimPrefix(text, head), "\n\n")
		if !strings.HasPrefix(text, head) || !ok || strings.Contains(sentence, "\n") {
			t.Errorf("docs/rules/%s.md does not begin with %q and one sentence in one line", r.ID, head)
			continue
		}
		if want := table(r); !strings.HasPrefix(rest, want) {
			t.Errorf("docs/rules/%s.md does not go on with\n%s", r.ID, want)
		}
		at := 0
		for _, s := range sections {
			i := strings.Index(text[at:], "\n"+s+"\n")
			if i < 0 {
				t.Errorf("docs/rules/%s.md: %q is missing, or not where it should be", r.ID, s)
				continue
			}
			at += i
		}
		line := fmt.Sprintf("| [%[1]s](%[1]s.md) | %s | %s | %s | %s |\n", r.ID, r.Name, r.Severity, yes(r.Default), sentence)
		if !strings.Contains(index, line) {
			t.Errorf("docs/rules/README.md does not have\n%s", line)
		}
	}
}

func TestEveryPageHasItsRule(t *testing.T) {
	var want []string
	for _, r := range correlator.Rules() {
		want = append(want, string(r.ID)+".md")
	}
	want = append(want, "README.md")
	slices.Sort(want)
	entries, err := os.ReadDir(filepath.Join(root(t), "docs", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	if !slices.Equal(have, want) {
		t.Errorf("docs/rules has %v, want %v", have, want)
	}
	linked := regexp.MustCompile(`\n\| \[OV-`).FindAllString(rulePage(t, "README.md"), -1)
	if len(linked) != len(correlator.Rules()) {
		t.Errorf("docs/rules/README.md lists %d rules of %d", len(linked), len(correlator.Rules()))
	}
}

// Rules that are named and not built are listed as such, with the names that a
// policy will know them by.
func TestRulesToComeAreListed(t *testing.T) {
	index := rulePage(t, "README.md")
	for _, r := range Rules() {
		if line := fmt.Sprintf("| %s | %s |", r.ID, r.Name); r.Works() == strings.Contains(index, line) {
			t.Errorf("docs/rules/README.md: works %v, and %q stands there %v", r.Works(), line, !r.Works())
		}
	}
}

func TestTheRulePagesExamplesLoad(t *testing.T) {
	for _, r := range correlator.Rules() {
		blocks := strings.Split(rulePage(t, string(r.ID)+".md"), "```yaml\n")[1:]
		if len(blocks) == 0 {
			t.Errorf("docs/rules/%s.md shows no policy", r.ID)
		}
		for i, block := range blocks {
			text, _, _ := strings.Cut(block, "```")
			if _, err := Load(fmt.Sprintf("docs/rules/%s.md", r.ID), []byte(text)); err != nil {
				t.Errorf("example %d of %s: %v\n%s", i+1, r.ID, err, text)
			}
		}
	}
}
