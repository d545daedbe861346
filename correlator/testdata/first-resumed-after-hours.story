# A source is read for hours, then its connector is upgraded and says for the first
# time where its record begins. What was told of it in the meantime stands.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
09:05 vault://prod lease.issued alice {"leaseId": "L2", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=2/2: alice still holds credential lease L1 on db as reader and 1 more past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:30 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
10:31 vault://prod lease.revoked - {"leaseId": "L2", "end": {"basis": "observed"}}
> resolved OV-001 r2 high facets=0/2: Over (observed at 2026-03-02T10:30:00.000Z): alice held credential lease L1 on db as reader and 1 more for 30m past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 11:00
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=2@10:31:00/observed
11:00 vault://prod source.resumed - {"coverage": "@09:00"}
tick 11:00:01
tick 11:00:02
tick 11:00:05
tick 11:00:08
tick 11:00:11
tick 11:00:15
tick 11:01:16
