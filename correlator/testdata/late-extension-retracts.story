# The window was extended in good time, but the tool's log reached us three minutes
# late. The alert that was raised meanwhile was never so: it is retracted.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 10:03:00
09:50 pam://x approval.extended alice {"approvalId": "REQ-1", "window": {"end": "@11:00", "endKind": "at"}, "decidedBy": "bob"}
> retracted OV-001 r2 high facets=0/0: Withdrawn: it was said that alice still held credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. A fact that reached us late (approval.extended at 2026-03-02T09:50:00.000Z) shows that it was not so.
tick 10:03:01
10:30 vault://prod lease.revoked - {"leaseId": "L1"}
tick 10:59:58
tick 11:00:02
tick 11:02
> closed-unproven REQ-1 r1 assurance=claimed approval=1@11:00:00/observed credential=1@10:30:00/claimed
