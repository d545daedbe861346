package repotest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Root is the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

// OCSF checks alerts against the published schema of OCSF. Where that is not at
// hand the test is told so and nothing is checked, except in CI, where it fails.
type OCSF struct{ schema *jsonschema.Schema }

// NewOCSF reads the schema beside the repository.
func NewOCSF(t testing.TB) OCSF {
	t.Helper()
	path := filepath.Join(Root(t), "..", "shared", "siem", "ocsf-1.8.0-detection_finding.schema.json")
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Log("the OCSF schema is not at hand: alerts are not checked against it")
		return OCSF{}
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return OCSF{schema}
}

// Check validates the data of a CloudEvent as a Detection Finding.
func (o OCSF) Check(t testing.TB, cloudEvent []byte) {
	t.Helper()
	if o.schema == nil {
		return
	}
	var ce struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(cloudEvent, &ce); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(ce.Data))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.schema.Validate(doc); err != nil {
		t.Errorf("not a valid Detection Finding: %v\n%s", err, ce.Data)
	}
}
