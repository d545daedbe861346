package teleport

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestThePageNamesEveryRecord: what the stories show to be mapped is in the table
// of docs/connectors/teleport.md.
func TestThePageNamesEveryRecord(t *testing.T) {
	page, err := os.ReadFile("../../docs/connectors/teleport.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := NewMapper("prod", nil)
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "{") {
				continue
			}
			if _, v, _ := m.Map([]byte(line)); v.Outcome == Mapped || v.Outcome == Quiet {
				named[v.Type] = true
			}
		}
	}
	if len(named) < 20 {
		t.Fatalf("the stories show only %d types", len(named))
	}
	for _, typ := range sortedKeys(named) {
		class, _, _ := strings.Cut(typ, ".")
		if strings.Contains(string(page), "`"+typ+"`") || strings.Contains(string(page), "`"+class+".*`") ||
			strings.HasPrefix(typ, "db.session.") && strings.Contains(string(page), "`db.session.*`") ||
			strings.HasSuffix(typ, ".end") && strings.Contains(string(page), "`"+strings.TrimSuffix(typ, "end")+"start`") {
			continue
		}
		t.Errorf("docs/connectors/teleport.md does not name %s", typ)
	}
}
