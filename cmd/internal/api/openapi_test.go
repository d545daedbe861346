package api

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/cmd/internal/repotest"
	"github.com/overstay/overstay/events"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// TestOpenAPI: the document is what the routes and the types that they answer with
// say, in the words of their comments: each route, each parameter with its bounds,
// each field.
func TestOpenAPI(t *testing.T) {
	d := &describer{t: t, schemas: map[string]any{}, comments: map[string]map[string]string{}}
	got, err := json.MarshalIndent(d.document(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, document) {
		t.Error("openapi.json is not what the code says: go test ./cmd/internal/api -run TestOpenAPI -update")
	}
}

type m = map[string]any

// describer makes the document.
type describer struct {
	t        *testing.T
	schemas  m
	comments map[string]map[string]string // by package: "Type" or "Type.Field"
}

func (d *describer) document() m {
	paths := m{}
	for _, r := range routes() {
		paths[r.path] = m{"get": d.operation(r)}
	}
	paths["/v1/openapi.json"] = m{"get": m{
		"summary": "This document.", "operationId": "openapi", "security": []any{},
		"responses": m{"200": m{"description": "OpenAPI 3.1.", "content": m{"application/json": m{"schema": m{"type": "object"}}}}},
	}}
	d.schemaOf(reflect.TypeFor[Problem]())
	return m{
		"openapi": "3.1.0", "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": m{
			"title": "Overstay review API", "version": "1",
			"description": "What the correlator knows, and what its log says when it is played again. Read-only. Times are RFC 3339 in UTC, a field without a value is left out, positions are those of the log. Fields may be added; what is here keeps its meaning.",
		},
		"paths": paths,
		"components": m{
			"schemas":         d.schemas,
			"securitySchemes": m{"token": m{"type": "http", "scheme": "bearer", "description": "The token of a client that the configuration lets read. Not asked for on loopback while no clients are configured."}},
		},
		"security": []any{m{"token": []any{}}},
	}
}

func (d *describer) operation(r route) m {
	params := []any{}
	for _, p := range r.params {
		schema := m{"type": "string", "maxLength": maxText}
		switch p.kind {
		case whole:
			schema = m{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": cmp.Or(p.unless, defaultLimit)}
		case instant:
			schema = m{"type": "string", "format": "date-time"}
		case cursor:
			schema = m{"type": "string", "maxLength": 8 * maxText}
		}
		if len(p.oneOf) > 0 {
			schema = m{"type": "string", "enum": p.oneOf}
		}
		in := "query"
		if p.inPath {
			in = "path"
		}
		params = append(params, m{"name": p.name, "in": in, "required": p.inPath || p.required, "description": p.what, "schema": schema})
	}
	responses := m{"200": m{"description": "The answer.", "content": m{"application/json": m{"schema": d.schemaOf(reflect.TypeOf(r.answers))}}}}
	statuses := map[string]string{"400": "The question cannot be read.", "401": "A token is needed.", "403": "The client may not read.", "503": "There is no state to read yet."}
	if strings.Contains(r.path, "{") || r.replays || hasParam(r, "subject") {
		statuses["404"] = "There is no such thing."
	}
	if r.replays {
		statuses["429"] = "The log is being played for somebody else; Retry-After says when to ask again."
		statuses["503"] = "There is no log to play yet, or playing it takes too long or too much memory."
	}
	for code, what := range statuses {
		responses[code] = m{"description": what, "content": m{"application/problem+json": m{"schema": m{"$ref": "#/components/schemas/Problem"}}}}
	}
	return m{"summary": r.summary, "operationId": regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.TrimPrefix(r.path, Prefix), "-"), "parameters": params, "responses": responses}
}

func hasParam(r route, name string) bool {
	return slices.ContainsFunc(r.params, func(p param) bool { return p.name == name })
}

var marshaler, textMarshaler = reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()

// schemaOf says how a type is written as JSON.
func (d *describer) schemaOf(typ reflect.Type) m {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return m{"type": "string", "format": "date-time"}
	case typ == reflect.TypeFor[events.Duration]():
		return m{"type": "string", "examples": []any{"1h30m0s"}}
	case typ.Implements(marshaler), reflect.PointerTo(typ).Implements(marshaler), typ.Implements(textMarshaler):
		d.t.Errorf("%s writes itself, and nobody said how", typ)
		return m{}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return d.schemaOf(typ.Elem())
	case reflect.String:
		return m{"type": "string"}
	case reflect.Bool:
		return m{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return m{"type": "integer"}
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		return m{"type": "integer", "minimum": 0}
	case reflect.Float64:
		return m{"type": "number"}
	case reflect.Slice:
		return m{"type": "array", "items": d.schemaOf(typ.Elem())}
	case reflect.Map:
		return m{"type": "object", "additionalProperties": d.schemaOf(typ.Elem())}
	case reflect.Struct:
		return d.structOf(typ)
	}
	d.t.Errorf("nobody said how a %s is written", typ)
	return m{}
}

func (d *describer) structOf(typ reflect.Type) m {
	name := strings.TrimPrefix(typ.String(), "api.")
	ref := m{"$ref": "#/components/schemas/" + name}
	if d.schemas[name] != nil {
		return ref
	}
	schema := m{"type": "object", "additionalProperties": false}
	d.schemas[name] = schema
	if c := d.comment(typ, ""); c != "" {
		schema["description"] = c
	}
	properties, required := m{}, []string{}
	d.fields(typ, properties, &required)
	slices.Sort(required)
	schema["properties"], schema["required"] = properties, required
	return ref
}

func (d *describer) fields(typ reflect.Type, properties m, required *[]string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag, stated := f.Tag.Lookup("json")
		switch {
		case f.Anonymous && !stated:
			d.fields(f.Type, properties, required)
			continue
		case !f.IsExported() || tag == "-":
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" {
			d.t.Errorf("%s.%s has no name in JSON", typ, f.Name)
		}
		schema := d.schemaOf(f.Type)
		if c := d.comment(typ, f.Name); c != "" {
			schema["description"] = c
		}
		properties[name] = schema
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
			if k := f.Type.Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Pointer {
				properties[name] = m{"anyOf": []any{schema, m{"type": "null"}}}
			}
		}
	}
}

// comment is what the source says of a type or a field of it.
func (d *describer) comment(typ reflect.Type, field string) string {
	folder, ours := strings.CutPrefix(typ.PkgPath(), "github.com/overstay/overstay/")
	if !ours {
		return ""
	}
	if d.comments[folder] == nil {
		d.comments[folder] = commentsIn(d.t, filepath.Join(repotest.Root(d.t), filepath.FromSlash(folder)))
	}
	name := typ.Name()
	if field != "" {
		name += "." + field
	}
	return d.comments[folder][name]
}

func commentsIn(t *testing.T, folder string) map[string]string {
	out := map[string]string{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", folder, err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				return true
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.TypeSpec)
				out[spec.Name.Name] = said(decl.Doc, spec.Doc)
				if st, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range st.Fields.List {
						for _, name := range f.Names {
							out[spec.Name.Name+"."+name.Name] = said(f.Doc, f.Comment)
						}
					}
				}
			}
			return true
		})
	}
	return out
}

// said is the first of the comments, on one line.
func said(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if g != nil {
			return strings.Join(strings.Fields(g.Text()), " ")
		}
	}
	return ""
}
