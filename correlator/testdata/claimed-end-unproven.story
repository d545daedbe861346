# A forced revoke is only a claim. The alert is marked, and after a quarter of an
# hour without a sign of life it resolves as ended, unproven.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
10:10 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "claimed", "cause": "force"}}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. An end was claimed at 2026-03-02T10:10:00.000Z and is not proven yet.
tick 10:11
tick 10:25:02
> resolved OV-001 r3 high facets=0/1: Over, as claimed and not proven: alice held credential lease L1 on db as reader for 10m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob.
> closed-unproven REQ-1 r1 assurance=claimed approval=1@10:00:00/observed credential=1@10:10:00/claimed
tick 10:26:03
tick 10:26:09
tick 10:27:14
