package schema

import _ "embed"

//go:embed alert.json
var alert string

//go:embed seal.json
var seal string

// Alert is the schema of a revision of an alert.
func Alert() []byte { return []byte(alert) }

// Seal is the schema of access.sealed and access.closed-unproven.
func Seal() []byte { return []byte(seal) }
