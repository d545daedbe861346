# A standing approval is reviewed in time: altered with a new nextReview and nothing else.
# DESIGN wants: quiet: the window goes on to 12:00.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "kind": "standing", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "endKind": "never"}, "nextReview": "@10:00"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:50 pam://x approval.altered - {"approvalId": "REQ-1", "nextReview": "@12:00"}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: no source promises that its record is complete.
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
