# In this realm case does not count: the approval says Alice, the lease alice, and both are one person.

policy {"Realms": {"ad": {"Name": "ad", "FoldCase": true}}}
tick 08:59
09:00 pam://x approval.granted ad:Alice {"approvalId": "REQ-1", "requester": "ad:Alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued ad:alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: ad:Alice (as ad:alice) still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:03
tick 10:03:01
tick 10:03:04
tick 10:03:07
tick 10:03:10
tick 10:03:14
tick 10:04:15
