// Package openldap watches who is in which group of an OpenLDAP directory.
//
// It holds two connections. On one it runs syncrepl (RFC 4533) in refreshAndPersist
// mode, so that a change arrives the moment it is made; on the other it asks for
// the directory's position and, now and then, scans the whole of it. The scan is
// not a luxury: the refint overlay rewrites group members without touching entryCSN,
// and neither syncrepl nor the access log ever tells.
//
// syncrepl says what an entry is now, never what changed. The package therefore
// remembers what it needs to tell the difference (memory.go): each person's names,
// each group's members. That memory travels in the cursor, so that a restart finds
// what happened meanwhile, and any cursor can be resumed by itself.
//
//	source.go    Run: the loop over messages, probes and scans
//	sync.go      one syncrepl search: refresh, then live changes
//	translate.go a change against the memory → events
//	snapshot.go  the scan, said as source.snapshot-*; the correlator compares
//	progress.go  contextCSN against what has been seen → source.progress
//
// The package imports events and connectors, compares nothing with approvals, and
// asks the directory for named attributes only: userPassword never leaves it.
package openldap
