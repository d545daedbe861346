// Package secret keeps passwords, tokens and keys out of everything that is
// written. A configuration holds only a [Reference], a file or an environment
// variable; what it gives is a [Secret], which shows "[redacted]" to fmt, slog
// and encoding/json, and its text only to who calls Reveal.
//
// Imports the standard library alone, and logs nothing.
package secret
