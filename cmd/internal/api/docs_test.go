package api

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/overstay/overstay/cmd/internal/repotest"
)

// TestPage: docs/api.md lists every route and explains every problem.
func TestPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repotest.Root(t), "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, r := range routes() {
		if !strings.Contains(page, "| `"+r.path+"` |") {
			t.Errorf("%s is not listed", r.path)
		}
	}
	for _, p := range []*Problem{badRequest(""), notFound("", "", nil), notReady(nil), busy(), tooLong(0), tooLarge(0), failed(nil)} {
		if _, kind, _ := strings.Cut(p.Type, "#"); !strings.Contains(page, "\n### "+kind+"\n\n"+strconv.Itoa(p.Status)+". ") {
			t.Errorf("%s is not explained with its status", p.Type)
		}
	}
}
