# Vault expires the lease in time, and its database refuses to drop the user: the credential lives.
# OV-009 stays raised, and OV-001 at 10:01:02: the source says the credential is still there.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "expiry": {"kind": "exact", "at": "@09:55"}}
tick 09:54:58
tick 09:55:01
09:55:02 vault://prod lease.revocation-failed - {"leaseId": "L1", "error": "connection refused", "final": true}
tick 09:55:05
> raised OV-009 r1 high facets=1/1: credential lease L1 on db as reader could not be revoked from alice at 2026-03-02T09:55:02.000Z (connection refused).
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:20
tick 10:20:01
tick 10:20:04
tick 10:20:07
tick 10:20:10
tick 10:20:14
tick 10:21:15
