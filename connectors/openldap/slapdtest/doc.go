// Package slapdtest runs a real OpenLDAP server for tests: Debian's slapd, on
// loopback, in a temporary folder, with the overlays that a company's directory
// has (syncprov, memberof, refint) and a read-only account whose rights are those
// that docs/connectors/openldap.md asks for.
//
// A test that calls [Start] is skipped where slapd is not installed, except when
// the environment variable CI is "true": there it fails, so that a missing
// package cannot pass for a green build.
//
// It imports nothing of ours; the connector's own tests and the end-to-end tests
// share it.
package slapdtest
