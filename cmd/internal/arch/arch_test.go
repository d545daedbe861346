package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/overstay/overstay/cmd/internal/repotest"
)

const module = "github.com/overstay/overstay"

// rule says what the packages below a folder may import of ours. The longest
// folder that fits a package counts; "x/..." stands for x and what is below it.
type rule struct {
	folder string
	may    []string
}

// The direction of imports: events says, correlator concludes, store keeps,
// connectors translate, cmd puts together.
var rules = []rule{
	{"events", []string{"events/..."}},
	{"correlator", []string{"events"}},
	{"correlator/schema", nil},
	{"correlator/oracle", []string{"events"}},
	{"correlator/policy", []string{"correlator", "correlator/policy/strictyaml", "events"}},
	{"correlator/policy/scenario", []string{"correlator", "correlator/policy", "correlator/policy/strictyaml", "events"}},
	{"correlator/policy/strictyaml", nil},
	{"correlator/engine", []string{"correlator", "correlator/policy", "correlator/engine/...", "events", "store", "store/checkpoint", "store/eventlog"}},
	{"correlator/engine/sim", []string{"correlator", "correlator/engine", "events", "store/..."}},
	{"correlator/review", []string{"correlator/...", "events", "store", "store/archive", "store/eventlog", "store/memory"}},
	{"store", []string{"store/...", "events"}},
	{"connectors", []string{"connectors/...", "events"}},
	{"deploy", nil},
	{"cmd", []string{"..."}},
}

// oracle is what the tests of the core compare it with; a program that leant on it
// would have two truths.
const oracle = module + "/correlator/oracle"

// core is the pure package: what is in the folder itself, not below it.
const core = "correlator"

// impure are the imports that would let the core see or do anything but its
// arguments and results.
var impure = []string{
	"context", "crypto/rand", "io", "io/...", "log", "log/...", "math/rand", "math/rand/...", "net", "net/...",
	"os", "os/...", "plugin", "runtime", "runtime/...", "sync", "sync/...", "syscall", "testing", "testing/...", "unsafe",
}

// clock are the functions of package time that ask what time it is, or wait.
var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}

// top is what may lie at the top of the repository.
var top = []string{
	"cmd", "correlator", "connectors", "store", "events", "deploy", "docs",
	"go.mod", "go.sum", "README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
	".ci", ".git", ".gitignore", ".gitattributes", ".golangci.yml",
	"overstay", "overstay-data", "bin", // made by running it; ignored by git
}

// source is one Go file that is not a test, with its folder from the root.
type source struct {
	folder, name string
	file         *ast.File
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// sources parses every file, whatever its build tags.
func sources(t *testing.T, fset *token.FileSet) []source {
	t.Helper()
	base := repotest.Root(t)
	var out []source
	err := filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != base && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(base, filepath.Dir(p))
		if err != nil {
			return err
		}
		out = append(out, source{filepath.ToSlash(folder), d.Name(), file})
		return nil
	})
	if err != nil {
		t.Fatalf("parse the repository: %v", err)
	}
	if len(out) == 0 {
		t.Fatal("no Go file was found")
	}
	return out
}

// matches reports whether a path is one of the patterns.
func matches(p string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if below, ok := strings.CutSuffix(pattern, "..."); ok {
			return below == "" || p == strings.TrimSuffix(below, "/") || strings.HasPrefix(p, below)
		}
		return p == pattern
	})
}

// ruleFor finds the rule with the longest folder.
func ruleFor(folder string) (rule, bool) {
	for f := folder; f != "."; f = path.Dir(f) {
		for _, r := range rules {
			if r.folder == f {
				return r, true
			}
		}
	}
	return rule{}, false
}

func TestImportsPointOneWay(t *testing.T) {
	for _, s := range sources(t, token.NewFileSet()) {
		r, ok := ruleFor(s.folder)
		if !ok {
			t.Errorf("%s is in no rule: say what it may import", s.folder)
			continue
		}
		for _, imported := range s.imports() {
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && ours != s.folder && !matches(ours, r.may) {
				t.Errorf("%s/%s imports %s; packages in %s may import only %v of ours", s.folder, s.name, ours, r.folder, r.may)
			}
		}
	}
}

func TestOnlyTestsAskTheOracle(t *testing.T) {
	for _, s := range sources(t, token.NewFileSet()) {
		if slices.Contains(s.imports(), oracle) {
			t.Errorf("%s/%s imports the oracle, which is for tests alone", s.folder, s.name)
		}
	}
}

func TestCoreIsPure(t *testing.T) {
	fset := token.NewFileSet()
	files := 0
	for _, s := range sources(t, fset) {
		if s.folder != core {
			continue
		}
		files++
		for _, fault := range faults(fset, s) {
			t.Error(fault)
		}
	}
	if files == 0 {
		t.Errorf("no file in %s", core)
	}
}

// faults lists what a file of the core must not have.
func faults(fset *token.FileSet, s source) []string {
	var out []string
	for _, imported := range s.imports() {
		if matches(imported, impure) {
			out = append(out, s.folder+"/"+s.name+" imports "+imported)
		}
	}
	names := timeNames(s.file)
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			out = append(out, fset.Position(n.Pos()).String()+" starts a goroutine")
		case *ast.ChanType:
			out = append(out, fset.Position(n.Pos()).String()+" has a channel")
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && slices.Contains(names, x.Name) && slices.Contains(clock, n.Sel.Name) {
				out = append(out, fset.Position(n.Pos()).String()+" asks the clock: time."+n.Sel.Name)
			}
		}
		return true
	})
	return out
}

// timeNames are the names under which a file knows package time.
func timeNames(f *ast.File) []string {
	var names []string
	for _, i := range f.Imports {
		switch {
		case i.Path.Value != `"time"`:
		case i.Name == nil:
			names = append(names, "time")
		default:
			names = append(names, i.Name.Name)
		}
	}
	return names
}

// The check itself finds what it is for.
func TestFaultsAreFound(t *testing.T) {
	const impureFile = `package correlator
import ("context"; clock "time"; "math/rand/v2"; "os")
func f(ctx context.Context) { go f(ctx); _ = clock.Now(); _ = clock.Second; _ = make(chan int); os.Exit(rand.Int()) }`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "impure.go", impureFile, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := faults(fset, source{core, "impure.go", file})
	for _, want := range []string{"context", "math/rand/v2", "imports os", "goroutine", "time.Now", "channel"} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%s is not found: %q", want, got)
		}
	}
	if len(got) != 6 {
		t.Errorf("%d faults: %q", len(got), got)
	}
	for folder, imported := range map[string]string{
		"events": "store", "correlator": "store", "correlator/policy": "correlator/engine", "store/badger": "correlator",
		"connectors/vault": "correlator", "correlator/engine": "connectors", "deploy": "events",
	} {
		if r, ok := ruleFor(folder); !ok || matches(imported, r.may) {
			t.Errorf("%s may import %s", folder, imported)
		}
	}
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(repotest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(top, e.Name()) && !strings.HasSuffix(e.Name(), ".test") && !strings.HasSuffix(e.Name(), ".prof") {
			t.Errorf("%s does not belong at the top", e.Name())
		}
	}
}
