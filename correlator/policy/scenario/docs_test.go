package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func page(t *testing.T) string {
	t.Helper()
	return string(read(t, filepath.Join("..", "..", "..", "docs", "scenarios.md")))
}

// TestThePagesExamplesHold: the first is the one that the command prints.
func TestThePagesExamplesHold(t *testing.T) {
	blocks := strings.Split(page(t), "```yaml\n")[1:]
	if len(blocks) < 3 {
		t.Fatalf("docs/scenarios.md has %d examples", len(blocks))
	}
	for i, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		if i == 0 && text != string(Example()) {
			t.Error("the first example of docs/scenarios.md is not example.yaml")
		}
		if r := report(play(t, load(t, "docs/scenarios.md", []byte(text)))); r != "" {
			t.Errorf("example %d of docs/scenarios.md:%s", i+1, r)
		}
	}
}

func TestThePageNamesEveryWord(t *testing.T) {
	text := page(t)
	l := &loader{s: &Scenario{}, open: os.ReadFile}
	for _, key := range l.root().Keys() {
		if !strings.Contains(text, "\n| `"+key+"` |") {
			t.Errorf("docs/scenarios.md does not have a line for %s", key)
		}
	}
	words := []string{wordRestarted, wordStalled, wordPolicy, wordPolicyFile, wordLate, wordEarly, wordSilent, wordHeard, wordQuiet, wordProvisional, keyExpect, keyAccesses}
	words = append(append(append(words, counted...), alertStates...), sealStates...)
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("docs/scenarios.md does not explain %q", word)
		}
	}
}
