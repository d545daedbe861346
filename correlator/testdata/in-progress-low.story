# A grant that stays in progress counts as open at low confidence.
# Low and provisional.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}, "effect": "in-progress"}
tick 09:25
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 low provisional facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Provisional: vault://prod does not report ends, and no sign of life was seen since.
tick 10:01:03
tick 10:01:06
tick 10:01:09
tick 10:01:12
tick 10:01:16
tick 10:02:17
