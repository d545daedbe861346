package main

import (
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	files, err := generate(".")
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, dir := range targets(name) {
			if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
				log.Fatal(fmt.Errorf("writing a schema: %w", err))
			}
		}
	}
}

// targets are the folders that a file is published in, as seen from events/: the
// schemas are embedded in the program and stand in the documentation, the index
// is for readers only.
func targets(name string) []string {
	const embedded, published = "schemas", "../docs/schemas"
	if name == indexName {
		return []string{published}
	}
	return []string{embedded, published}
}
