# Nobody extended the window in time. At 10:05 an approver does it after the fact,
# back to the old end. The alert stands in the record and resolves as ratified.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 10:05:01
10:05 pam://x approval.extended alice {"approvalId": "REQ-1", "window": {"end": "@11:00", "endKind": "at"}, "decidedBy": "bob"}
> resolved OV-001 r2 high facets=0/1: Ratified after the fact: alice held credential lease L1 on db as reader for 5m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob.
tick 10:05:02
