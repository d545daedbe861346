package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// comments is what the source of package events says beside its types.
type comments struct {
	types  map[string]string // by type name
	fields map[string]string // by "Struct.Field"
	words  map[string][]word // the constants of a string type, in order
}

// word is one value of a list of words.
type word struct{ value, comment string }

func readComments(dir string) (*comments, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	c := &comments{map[string]string{}, map[string]string{}, map[string][]word{}}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading the comments of package events: %w", err)
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok {
				c.add(d)
			}
		}
	}
	return c, nil
}

func (c *comments) add(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			c.types[s.Name.Name] = text(s.Doc, d.Doc)
			if st, ok := s.Type.(*ast.StructType); ok {
				c.addFields(s.Name.Name, st)
			}
		case *ast.ValueSpec:
			if d.Tok == token.CONST {
				c.addWords(s)
			}
		}
	}
}

func (c *comments) addFields(name string, st *ast.StructType) {
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			c.fields[name+"."+n.Name] = text(f.Doc, f.Comment)
		}
	}
}

// addWords takes constants of a named string type. Those of plain strings are
// kept under what their names begin with ("Observed").
func (c *comments) addWords(s *ast.ValueSpec) {
	if len(s.Values) != 1 {
		return
	}
	lit, ok := s.Values[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return
	}
	value, err := strconv.Unquote(lit.Value)
	if err != nil || value == "" {
		return // the empty word is written by leaving the member out
	}
	name := s.Names[0].Name
	list := regexp.MustCompile(`^[A-Z][a-z]+`).FindString(name)
	if id, ok := s.Type.(*ast.Ident); ok {
		list = id.Name
	}
	comment := strings.TrimPrefix(text(s.Doc, s.Comment), name+": ")
	c.words[list] = append(c.words[list], word{value, comment})
}

var docLink = regexp.MustCompile(`\[\*?([A-Za-z.]+)\]`)

// text is the first of the comments that is there, on one line.
func text(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if g != nil {
			return docLink.ReplaceAllString(strings.Join(strings.Fields(g.Text()), " "), "$1")
		}
	}
	return ""
}
