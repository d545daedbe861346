package events

import "embed"

//go:generate go run ./internal/schemagen

//go:embed schemas/*.json
var schemas embed.FS

// Schema is the JSON Schema (2020-12) of a type's data. It describes what
// [Encode] writes. The same files are published under docs/schemas.
func Schema(t Type) ([]byte, bool) {
	b, err := schemas.ReadFile("schemas/" + t.Short() + ".json")
	return b, err == nil && t.Known()
}
