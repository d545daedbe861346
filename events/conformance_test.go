package events_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/events"
)

// moduleRoot is the folder of go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("there is no go.mod above the tests")
		}
		dir = parent
	}
}

// corpus reads a file of the CloudEvents project's format tests.
func corpus(t *testing.T, name string) []conformanceTest {
	t.Helper()
	path := filepath.Join(moduleRoot(t), "..", "shared", "siem", "cloudevents-conformance", name)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) && os.Getenv("CI") != "true" {
		t.Skip("the CloudEvents conformance corpus is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Tests []conformanceTest }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Tests) == 0 {
		t.Fatalf("%s has no tests", name)
	}
	return file.Tests
}

type conformanceTest struct {
	ID    string
	Event json.RawMessage
	Batch json.RawMessage
}

func TestConformanceEvents(t *testing.T) {
	for _, c := range corpus(t, "valid-events.json") {
		ce, err := events.DecodeCloudEvent(c.Event)
		if err != nil {
			t.Errorf("%s is valid: %v", c.ID, err)
		} else if err := ce.Validate(); err != nil {
			t.Errorf("%s: the SDK does not take what was made of it: %v", c.ID, err)
		}
	}
	for _, c := range corpus(t, "invalid-events.json") {
		if ce, err := events.DecodeCloudEvent(c.Event); err == nil {
			t.Errorf("%s is invalid and was read as %v", c.ID, ce)
		}
	}
}

// The corpus's events are not of our vocabulary. In a batch a valid one is
// therefore refused as an unknown type, which is looked at last, and an invalid
// one for its fault.
func TestConformanceBatches(t *testing.T) {
	header := map[string][]string{"Content-Type": {events.ContentTypeBatch}}
	for _, c := range corpus(t, "valid-batches.json") {
		items, err := events.DecodeHTTP(header, c.Batch)
		if err != nil {
			t.Errorf("%s is valid: %v", c.ID, err)
		}
		for _, item := range items {
			if reasonOf(item.Err) != events.ReasonUnknownType {
				t.Errorf("%s, event %d is valid: %v", c.ID, item.Index, item.Err)
			}
		}
	}
	for _, c := range corpus(t, "invalid-batches.json") {
		items, err := events.DecodeHTTP(header, c.Batch)
		faults := 0
		for _, item := range items {
			if reasonOf(item.Err) != events.ReasonUnknownType {
				faults++
			}
		}
		if err != nil || faults != 1 {
			t.Errorf("%s has one bad event; found %d, %v", c.ID, faults, err)
		}
	}
}
