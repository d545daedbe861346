package policy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/correlator"
)

// root is the repository's, found by its go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "policy.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestThePageHasEveryKey(t *testing.T) {
	text := page(t)
	for _, key := range Keys() {
		if !strings.Contains(text, "\n| `"+key+"` |") {
			t.Errorf("docs/policy.md does not have a line for %s", key)
		}
	}
}

// The examples are valid each by itself, and all together.
func TestThePagesExamplesLoad(t *testing.T) {
	blocks := strings.Split(page(t), "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("docs/policy.md has no example")
	}
	var all strings.Builder
	for i, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		all.WriteString(text)
		if _, err := Load("docs/policy.md", []byte(text)); err != nil {
			t.Errorf("example %d: %v\n%s", i+1, err, text)
		}
	}
	if _, err := Load("docs/policy.md", []byte(all.String())); err != nil {
		t.Errorf("all together: %v", err)
	}
}

func TestThePageNamesTheRulesThatWork(t *testing.T) {
	text := page(t)
	var works []string
	for _, r := range Rules() {
		if r.Works() {
			works = append(works, string(r.ID))
		}
	}
	last := len(works) - 1
	want := "This version has OV-" + strings.ReplaceAll(strings.Join(works[:last], ", "), "OV-", "") + " and " + strings.TrimPrefix(works[last], "OV-") + ";"
	if !strings.Contains(text, want) {
		t.Errorf("docs/policy.md does not say %q", want)
	}
}

// The names are those of the rules themselves.
func TestRulesAreNamedAsTheyAre(t *testing.T) {
	for _, built := range correlator.Rules() {
		if r, ok := findRule(string(built.ID)); !ok || r.Name != built.Name || !r.Works() {
			t.Errorf("%s is called %q here, and %q by itself", built.ID, r.Name, built.Name)
		}
	}
}
