# OV-001 resolved as observed; then the same lease is used.
# DESIGN wants: raised again (recurrence), critical.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: no source promises that its record is complete.
10:05 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T10:05:00.000Z): alice held credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z, for 5m of approval REQ-1.
10:20 vault://prod access.used - {"access": {"kind": "lease", "id": "L1"}}
tick 10:25
tick 10:40
tick 10:40:01
tick 10:40:04
tick 10:40:07
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@10:05:00/observed
tick 10:40:10
tick 10:40:14
tick 10:41:15
