package scenario

import _ "embed"

//go:embed example.yaml
var example []byte

// Example is a scenario to begin with.
func Example() []byte { return example }
