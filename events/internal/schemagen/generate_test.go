package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// published are schemas of what the correlator says: package correlator/schema
// keeps them, and they lie beside ours in docs/schemas.
var published = map[string]bool{"alert.json": true, "seal.json": true}

// The committed files, both copies, are what the structs say today; and there
// are no others.
func TestCommittedSchemasAreCurrent(t *testing.T) {
	const eventsDir = "../.."
	files, err := generate(eventsDir)
	if err != nil {
		t.Fatal(err)
	}
	inDir := map[string]int{}
	for name, want := range files {
		for _, dir := range targets(name) {
			inDir[dir]++
			got, err := os.ReadFile(filepath.Join(eventsDir, dir, name))
			if err != nil {
				t.Error(err)
			} else if !bytes.Equal(got, want) {
				t.Errorf("%s/%s is not what the structs say: run go generate ./events", dir, name)
			}
		}
	}
	for dir, want := range inDir {
		entries, err := os.ReadDir(filepath.Join(eventsDir, dir))
		if err != nil {
			t.Fatal(err)
		}
		ours := slices.DeleteFunc(entries, func(e os.DirEntry) bool { return published[e.Name()] })
		if len(ours) != want {
			t.Errorf("%s has %d files, not %d", dir, len(ours), want)
		}
	}
}
