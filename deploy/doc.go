// Package deploy holds no code: its tests prove that the files beside it do what
// docs/deploy.md says. They parse the NATS configurations with the server's own
// parser, start them with certificates and passwords made for the test, run the
// real streams on them, and try what must not work.
package deploy
