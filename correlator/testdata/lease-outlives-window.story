# A database role is approved for an hour. The lease that was taken under it is
# renewed by nobody and revoked by nobody; it is told a minute after the end,
# and resolves when Vault's server says that it is gone.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}, "decidedBy": "bob"}
tick 09:04
09:05 vault://prod lease.issued alice {"leaseId": "L1", "credential": "dynamic", "scope": {"system": "db", "role": "reader"}}
tick 09:30
tick 10:00
tick 10:00:59
tick 10:01:03
> raised OV-001 r1 high facets=1/1: alice still holds dynamic lease L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:08
11:00 vault://prod lease.expired - {"leaseId": "L1"}
> resolved OV-001 r2 high facets=0/1: Over (observed at 2026-03-02T11:00:00.000Z): alice held dynamic lease L1 on db as reader for 1h past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1 by bob.
tick 11:00:02
> sealed REQ-1 r1 assurance=observed approval=1@10:00:00/observed credential=1@11:00:00/observed
tick 11:00:05
tick 11:20
tick 11:20:06
tick 11:21:11
