package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

func both(t *testing.T) map[string]map[string]any {
	return map[string]map[string]any{"alert.json": parse(t, Alert()), "seal.json": parse(t, Seal())}
}

func TestTheyCompile(t *testing.T) {
	for name, doc := range both(t) {
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft2020)
		if err := c.AddResource(name, doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := c.Compile(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := "https://overstay.dev/schemas/" + name; doc["$id"] != want {
			t.Errorf("%s: $id is %v, want %s", name, doc["$id"], want)
		}
	}
}

// Every object says what it may hold and refuses the rest, and every member of
// it says what it means, itself or through what it refers to.
func TestTheyAreStrictAndExplained(t *testing.T) {
	for name, doc := range both(t) {
		defs := doc["$defs"].(map[string]any)
		walk(name, doc, func(place string, s map[string]any) {
			if s["type"] != "object" {
				return
			}
			if s["additionalProperties"] != false {
				t.Errorf("%s allows other members", place)
			}
			for member, v := range s["properties"].(map[string]any) {
				if !explained(v.(map[string]any), defs) {
					t.Errorf("%s: %s is not explained", place, member)
				}
			}
		})
		used, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		for def := range defs {
			if !bytes.Contains(used, []byte(`"#/$defs/`+def+`"`)) {
				t.Errorf("%s: nothing refers to %s", name, def)
			}
		}
	}
}

// explained: a constant and a list of words speak for themselves.
func explained(s, defs map[string]any) bool {
	for _, k := range []string{"description", "const", "enum", "pattern"} {
		if s[k] != nil {
			return true
		}
	}
	ref, ok := s["$ref"].(string)
	return ok && explained(defs[filepath.Base(ref)].(map[string]any), defs)
}

func walk(place string, v any, visit func(string, map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(place, v)
		for k, w := range v {
			walk(place+"/"+k, w, visit)
		}
	case []any:
		for _, w := range v {
			walk(place, w, visit)
		}
	}
}

// What both say of a thing is the same: readers share one type for it.
func TestSharedPartsAreEqual(t *testing.T) {
	docs := both(t)
	alerts, seals := docs["alert.json"]["$defs"].(map[string]any), docs["seal.json"]["$defs"].(map[string]any)
	shared := 0
	for def, of := range seals {
		if def == "facet" {
			continue // one access there, one kind of access here
		}
		if other, ok := alerts[def]; ok {
			shared++
			if !reflect.DeepEqual(of, other) {
				t.Errorf("%s differs", def)
			}
		}
	}
	if shared == 0 {
		t.Error("nothing is shared")
	}
}

func TestThePublishedFilesAreTheSame(t *testing.T) {
	for name, own := range map[string][]byte{"alert.json": Alert(), "seal.json": Seal()} {
		published, err := os.ReadFile(filepath.Join("..", "..", "docs", "schemas", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(published, own) {
			t.Errorf("docs/schemas/%s is not correlator/schema/%s", name, name)
		}
	}
}
