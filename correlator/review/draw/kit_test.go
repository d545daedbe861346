package draw_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/correlator/review"
)

var update = flag.Bool("update", false, "write the files that are compared with anew")

// morning reads the history of a person of the demo.
func morning(t *testing.T, name string) *review.History {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	h := &review.History{}
	if err := json.Unmarshal(text, h); err != nil {
		t.Fatal(err)
	}
	return h
}

// compare compares with a file, or writes it.
func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is drawn; go test ./correlator/review/draw -update draws it anew. It is now:\n%s", file, got)
	}
}
