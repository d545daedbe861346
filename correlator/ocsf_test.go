package correlator

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// ocsfSchema is the compiled OCSF 1.8.0 schema, when it is at hand.
var ocsfSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	return compileSchema(filepath.Join("..", "..", "shared", "siem", "ocsf-1.8.0-detection_finding.schema.json"))
})

func compileSchema(path string) (*jsonschema.Schema, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

// validateOCSF checks an alert's data against the published schema of OCSF, so
// that every story is a test of it.
func validateOCSF(t *testing.T, a *Alert) {
	t.Helper()
	body, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > MaxBody {
		t.Errorf("alert body has %d bytes, more than %d", len(body), MaxBody)
	}
	schema, err := ocsfSchema()
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var ce struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &ce); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(ce.Data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("not a valid Detection Finding: %v\n%s", err, ce.Data)
	}
}
