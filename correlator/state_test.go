package correlator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestNoTwoClassesOfKeysAreOne: each class of keys has a letter of its own; two that
// shared one would read each other's records.
func TestNoTwoClassesOfKeysAreOne(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	letters := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		name := spec.Names[0].Name
		letter, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || !strings.HasPrefix(name, "key") && !strings.HasPrefix(name, "index") {
			return true
		}
		if other := letters[letter.Value]; other != "" {
			t.Errorf("%s and %s are both %s", other, name, letter.Value)
		}
		letters[letter.Value] = name
		return true
	})
	if len(letters) < 20 {
		t.Errorf("only %d classes were found", len(letters))
	}
}
