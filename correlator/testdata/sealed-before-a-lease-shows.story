# The request tool tells of a window that is over, and nothing is known under it: that is
# sealed. A lease shows itself, is an alert, and when it has ended the seal is replaced.

tick 10:29:58
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
tick 10:30:02
tick 10:30:06
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed unseen=db
tick 10:30:10
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:30:14
tick 10:30:18
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
10:30:20 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed"}}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T10:30:20.000Z): alice held credential lease L1 on db as reader for 30m20s past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:30:22
tick 10:30:26
tick 10:30:30
> sealed REQ-1 r2 assurance=observed approval=1@10:00:00/observed credential=1@10:30:20/observed
