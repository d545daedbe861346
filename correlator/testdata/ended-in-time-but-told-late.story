# The lease was revoked at 09:58; Vault's log arrives at 10:02. The alert was raised
# in the meantime and is retracted: the access did end in time.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "reader"}}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
09:58 vault://prod lease.revoked - {"leaseId": "L1", "end": {"basis": "observed", "cause": "revoked"}}
> retracted OV-001 r2 high facets=0/0: Withdrawn: it was said that alice still held credential lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. A fact that reached us late (lease.revoked at 2026-03-02T09:58:00.000Z) shows that it was not so.
tick 10:02
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@09:58:00/observed
tick 10:02:06
tick 10:03:11
