# The audit log shows the revoke request (claimed), the server log a second later that it failed.
# OV-009 at 09:50:01; the claim is denied, so OV-001 at 10:01:02.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:50 vault://prod lease.revoked - {"leaseId": "L1"}
09:50:01 vault://prod lease.revocation-failed - {"leaseId": "L1", "error": "connection refused", "final": true}
tick 09:51
> raised OV-009 r1 high facets=1/1: credential lease L1 on db as reader could not be revoked from alice at 2026-03-02T09:50:01.000Z (connection refused).
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
