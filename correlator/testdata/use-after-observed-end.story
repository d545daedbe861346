# OV-001 resolved as observed; then the same lease is used.
# Raised again (recurrence), critical.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:05 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T10:05:00.000Z): alice held credential lease L1 on db as reader for 5m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
10:20 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
> raised OV-001 r3 critical facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:25
tick 10:40
tick 10:40:01
tick 10:40:04
tick 10:40:07
tick 10:40:10
tick 10:40:14
tick 10:41:15
