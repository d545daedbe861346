// Package config reads overstay.yaml: one strict file, every key with a safe
// default, everything that is wrong told at once with its line, the policy in it
// included. docs/configuration.md is the reference, and a test holds it to the
// tables here.
//
// Secrets are never in the file. Where one is needed there is a reference to a
// file or an environment variable; it is read once here, to tell that it cannot
// be, and again by who needs it. A Config may be logged.
//
// The package says what was configured and starts nothing: it opens no port and
// makes no folder. The connectors' settings are shaped like the file; the wiring
// turns them into the connectors' own.
package config
