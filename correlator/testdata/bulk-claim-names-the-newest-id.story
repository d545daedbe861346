# A token was issued again under another path. A claim about everything below the old path
# is not about it, one about everything below the new path is.

tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "old/L1", "scope": {"system": "db", "role": "reader"}}
09:20 vault://prod lease.issued alice {"leaseId": "new/L2", "scope": {"system": "db", "role": "reader"}, "parents": [{"kind": "lease", "id": "old/L1", "edge": "reissue"}]}
09:30 vault://prod access.ended-before - {"before": "@09:30", "kind": "lease", "idPrefix": "old/"}
tick 10:00:58
tick 10:01:02
> raised OV-001 r1 high facets=1/1: alice still holds credential lease old/L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. Unattested: vault://prod does not promise that its record is complete.
tick 10:01:06
10:01:10 vault://prod access.ended-before - {"before": "@10:01:10", "kind": "lease", "idPrefix": "new/"}
> updated OV-001 r2 high facets=1/1: alice still holds credential lease old/L1 on db as reader past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1. An end was claimed at 2026-03-02T10:01:10.000Z and is not proven yet.
tick 10:01:10
tick 10:01:14
tick 10:16:09
tick 10:16:14
> resolved OV-001 r3 high facets=0/1: Over, as claimed and not proven: alice held credential lease old/L1 on db as reader for 1m10s past the end of the window at 2026-03-02T10:00:00.000Z of approval REQ-1.
tick 10:16:18
> closed-unproven REQ-1 r1 assurance=claimed approval=1@10:00:00/observed credential=1@10:01:10/claimed
tick 10:16:22
tick 10:16:26
tick 10:17:26
