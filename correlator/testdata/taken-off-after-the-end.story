# After the alert the holder is taken off the approval. She held it under the approval all the same: what
# was granted stays granted, and the alert stands.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:05 pam://x approval.altered - {"approvalId": "REQ-1", "consumers": ["bob"]}
tick 10:05:02
tick 10:05:03
tick 10:05:06
tick 10:05:09
tick 10:05:12
tick 10:05:16
tick 10:06:17
