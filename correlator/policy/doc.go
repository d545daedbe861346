// Package policy makes a [correlator.Policy] from the YAML that a security
// engineer writes, with conditions in CEL.
//
// Everything that is wrong is told at once, each problem at its line: keys that
// nobody knows, rules that do not exist, patterns and conditions that cannot mean
// what was meant, and statements that contradict each other. A policy with a
// problem is not applied in part. docs/policy.md explains every key.
//
// The same text always gives the same policy: compiling asks no clock, no
// environment and no network, and a condition sees nothing but one access. That
// is what lets a replay judge by the policies in the log.
//
// Package scenario tells what a policy will do before it is in force.
//
// May import correlator, events and strictyaml; opens no file.
package policy
