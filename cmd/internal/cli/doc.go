// Package cli is the command line: one file a command, each a thin shell over a
// package that does the work. What is here is flags, help, rendering for people
// and for scripts, and the exit codes ([Done], [Failed], [Usage], [Unreachable]).
//
// A command prints what it was asked for on the standard output and everything
// else on the standard error. What comes from outside is made harmless before a
// terminal sees it. Secrets are read from files and environment variables, never
// from arguments, which every user of the machine may see.
//
// The commands that talk to a running server find it by a flag, else by the file
// that "serve" leaves in its data folder, else at the default address. Nothing
// here is global; every command is made anew for each [Run].
package cli
