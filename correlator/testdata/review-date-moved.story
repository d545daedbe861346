# A standing approval is reviewed in time: all that changes is the date of the next review, and the window goes
# on to it and no further.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "kind": "standing", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "endKind": "never"}, "nextReview": "@10:00"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:50 pam://x approval.altered - {"approvalId": "REQ-1", "nextReview": "@12:00"}
tick 10:00:58
tick 10:01:02
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
tick 12:00:58
tick 12:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T12:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
