package arch

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/overstay/overstay/cmd/internal/repotest"
)

// pages are the Markdown files of the repository by their path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	base := repotest.Root(t)
	out := map[string]string{}
	err := filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != base && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".md") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(base, p)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(name)] = string(text)
		return nil
	})
	if err != nil {
		t.Fatalf("read the pages: %v", err)
	}
	return out
}

var (
	code    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	link    = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	marks   = regexp.MustCompile("[^a-z0-9 _-]")
)

// anchors are the headings of a page as a link names them.
func anchors(page string) map[string]bool {
	out := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		plain := link.ReplaceAllString(h[1], "$1")
		out[strings.ReplaceAll(marks.ReplaceAllString(strings.ToLower(plain), ""), " ", "-")] = true
	}
	return out
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			to, anchor, _ := strings.Cut(m[2], "#")
			if strings.Contains(to, ":") {
				continue // another site
			}
			target := name
			if to != "" {
				target = path.Join(path.Dir(name), to)
			}
			if _, err := os.Stat(filepath.Join(repotest.Root(t), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: %s leads nowhere", name, m[2])
				continue
			}
			if anchor != "" && strings.HasSuffix(target, ".md") && !anchors(all[target])[anchor] {
				t.Errorf("%s: %s has no heading #%s", name, target, anchor)
			}
		}
	}
}

// What docs/promises.md names as proof is there.
func TestPromisesNameTestsThatExist(t *testing.T) {
	proofs := 0
	for _, m := range link.FindAllStringSubmatch(pages(t)["docs/promises.md"], -1) {
		file, ok := strings.CutPrefix(m[2], "../")
		if !ok || !strings.HasSuffix(file, "_test.go") {
			continue
		}
		proofs++
		text, err := os.ReadFile(filepath.Join(repotest.Root(t), filepath.FromSlash(file)))
		if err != nil {
			t.Errorf("%s: %v", m[1], err)
			continue
		}
		if !strings.Contains(string(text), "\nfunc "+m[1]+"(") {
			t.Errorf("%s has no %s", file, m[1])
		}
	}
	if proofs == 0 {
		t.Error("docs/promises.md names no test")
	}
}

// Every page can be found from docs/README.md, in as many steps as it takes.
func TestEveryPageIsLinked(t *testing.T) {
	all := pages(t)
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, m := range link.FindAllStringSubmatch(all[name], -1) {
			to, _, _ := strings.Cut(m[2], "#")
			if to != "" && !strings.Contains(to, ":") {
				visit(path.Join(path.Dir(name), to))
			}
		}
	}
	visit("docs/README.md")
	for name := range all {
		if strings.HasPrefix(name, "docs/") && !seen[name] {
			t.Errorf("%s cannot be reached from docs/README.md", name)
		}
	}
}
