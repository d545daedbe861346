# Two approvals overlap. The end of the first says nothing: the second covers on. The
# revocation of the second, before its time, is the end that counts.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:30 pam://x approval.granted alice {"approvalId": "REQ-2", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:30", "end": "@12:00", "endKind": "at"}, "decidedBy": "carol"}
tick 10:00:58
tick 10:01:02
11:00 pam://x approval.revoked - {"approvalId": "REQ-2"}
tick 11:00:58
> sealed REQ-2 r1 assurance=observed approval=1@11:00:00/observed
tick 11:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T11:00:00.000Z of approval REQ-2 by carol; it was granted under approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
