# An extension by half an hour, said as a duration: it is added to the end that there was.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:50 pam://x approval.extended alice {"approvalId": "REQ-1", "window": {"endKind": "at", "duration": "30m"}}
tick 10:29
tick 10:30:58
tick 10:31:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:30:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 12:00
tick 12:00:01
tick 12:00:04
tick 12:00:07
tick 12:00:10
tick 12:00:14
tick 12:01:15
