// Package connectors holds what reads real systems. Each source is a package
// below this one (vault, teleport, openldap, httppush, cefile) and implements
// [Source]; the runner package starts it, numbers its events, makes them durable
// and keeps its cursor.
//
// A connector translates and forgets: it holds only what it needs to translate
// (Vault's accessor to entity map, a group's previous members), it compares
// nothing with approvals, and it decides nothing. It cuts secrets before it
// builds an event. It needs the least rights that its page in docs/connectors
// lists.
//
// May import events; never correlator or store.
package connectors
