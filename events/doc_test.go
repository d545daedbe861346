package events_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/overstay/overstay/events"
)

// The examples of the connector author's page are events that we read, and
// every class and every type is spoken of.
func TestDocsExamples(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "events.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, block := range jsonBlocks(page) {
		ev, err := events.Decode(block)
		if err != nil {
			t.Errorf("%v\n%s", err, block)
			continue
		}
		if err := againstSchema(t, ev.Type, block); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
		seen[ev.Type.Class()] = true
	}
	for _, typ := range events.Types() {
		if !seen[typ.Class()] {
			t.Errorf("no example of class %s", typ.Class())
		}
		_, section, _ := strings.Cut(string(page), "\n## "+typ.Class()+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !strings.Contains(section, "`"+typ.What()+"`") {
			t.Errorf("the section on %s does not name %s", typ.Class(), typ.What())
		}
	}
}

// jsonBlocks are the fenced JSON blocks of a Markdown page.
func jsonBlocks(page []byte) [][]byte {
	var blocks [][]byte
	for {
		_, rest, ok := bytes.Cut(page, []byte("\n```json\n"))
		if !ok {
			return blocks
		}
		block, after, _ := bytes.Cut(rest, []byte("\n```\n"))
		blocks, page = append(blocks, block), after
	}
}
