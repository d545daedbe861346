# An approver adds the scope after the fact. From the decision on the lease is covered, and what was before
# is ratified; it stays in the record.

policy {"Watched": [{"System": "db"}], "Rules": {"OV-005": {"Enabled": true}}}
tick 08:59
09:00 pam://x approval.granted alice {"approvalId": "REQ-1", "requester": "alice", "scopes": [{"system": "db", "role": "reader"}], "window": {"start": "@09:00", "end": "@10:00", "endKind": "at"}}
09:05 vault://prod lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "admin"}}
tick 09:05:58
tick 09:06:02
> raised OV-005 r1 high facets=1/1: alice still holds credential lease L1 on db as admin without any approval since 2026-03-02T09:05:00.000Z. Unattested: vault://prod does not promise that its record is complete.
09:30 pam://x approval.altered - {"approvalId": "REQ-1", "scopes": [{"system": "db", "role": "reader"}, {"system": "db", "role": "admin"}]}
> resolved OV-005 r2 high facets=0/1: Ratified after the fact: alice held credential lease L1 on db as admin without any approval since 2026-03-02T09:05:00.000Z.
tick 09:30:02
tick 09:30:03
tick 09:30:06
tick 09:30:09
tick 09:30:12
tick 09:30:16
tick 09:31:17
