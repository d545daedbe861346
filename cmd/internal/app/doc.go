// Package app puts the program together: one place where everything that
// `overstay serve` consists of is made, in order, and closed in reverse.
//
//	telemetry → state → NATS server → connection → streams → engine → HTTP → connectors
//
// Stopping goes the other way round: first nothing new is taken in, then what was
// taken in is applied, then what follows from it is published, then the files are
// closed. Nothing else in the program knows more than two of these parts.
package app
