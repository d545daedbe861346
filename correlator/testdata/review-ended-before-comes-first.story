# A bulk revocation that is read before the lease it is about.
# DESIGN wants: the claim counts whatever the order; a claimed end at 09:30.
# What the code gives today is recorded below ("# quiet" where that is nothing).

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:30 vault://prod access.ended-before - {"before": "@09:30", "kind": "lease"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: no source promises that its record is complete.
tick 10:20
tick 10:20:01
tick 10:20:04
tick 10:20:07
tick 10:20:10
tick 10:20:14
tick 10:21:15
