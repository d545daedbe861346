# A credential is rotated: L2 is a reissue of L1, then L1 is revoked as it should be. L2 lives on.
# OV-001 at 10:01:02 for L2, and no seal.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 vault://prod lease.issued alice {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}, "parents": [{"kind": "lease", "id": "L1", "edge": "reissue"}]}
09:31 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:05
tick 10:05:01
tick 10:05:04
tick 10:05:07
tick 10:05:10
tick 10:05:14
tick 10:06:15
