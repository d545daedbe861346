# The overrun lasts 20 minutes and 30 seconds.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:20:30 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T10:20:30.000Z): alice held credential lease L1 on db as reader for 20m30s past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:21
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@10:20:30/observed
tick 10:21:01
tick 10:21:04
tick 10:21:07
tick 10:21:10
tick 10:21:14
tick 10:22:15
