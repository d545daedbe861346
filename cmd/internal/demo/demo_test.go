package demo

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write what the demo prints as what is expected")

// TestGolden: the whole output, without colour, is the same in every run.
func TestGolden(t *testing.T) {
	const golden = "testdata/demo.golden"
	var got bytes.Buffer
	if err := Run(context.Background(), &got, Options{Version: "test"}); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the demo says something else than %s:\n%s", golden, got.Bytes())
	}
}
