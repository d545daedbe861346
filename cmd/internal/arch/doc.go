// Package arch holds no code: its test keeps the repository's shape. It says
// which package may import which (dependencies point one way), what the pure
// core must not touch (clock, goroutines, log, context, I/O, chance), and what
// may lie at the top. A new package needs a line in the table there, and the
// line is where the question "may it?" gets asked.
package arch
